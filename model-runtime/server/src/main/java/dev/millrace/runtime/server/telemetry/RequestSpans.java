package dev.millrace.runtime.server.telemetry;

import dev.millrace.process.trace.Tracing;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.batching.BatchTiming;
import dev.millrace.runtime.server.cache.CacheStatus;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/**
 * The spans {@code queue} and {@code compute} of a traced request, made once it has its result from
 * the times that were measured anyway. A batch serves many requests: each has a span with the
 * batch's times, in its own trace. Thread-safe.
 */
@ApplicationScoped
public class RequestSpans {
  private static final AttributeKey<String> PROJECT = AttributeKey.stringKey("millrace.project");
  private static final AttributeKey<String> MODEL = AttributeKey.stringKey("millrace.model");
  private static final AttributeKey<Long> VERSION = AttributeKey.longKey("millrace.version");
  private static final AttributeKey<Long> ROWS = AttributeKey.longKey("millrace.batch.rows");
  private static final AttributeKey<Long> REQUESTS =
      AttributeKey.longKey("millrace.batch.requests");

  private static final AttributeKey<String> CACHE = AttributeKey.stringKey("millrace.cache");

  private final Tracing tracing;

  public RequestSpans(Tracing tracing) {
    this.tracing = tracing;
  }

  /**
   * A request has just got its result; costs nothing unless it is traced.
   *
   * @param traceparent of the span around the request
   * @param cache how it met the cache of its endpoint; a hit has one span {@code cache}, since
   *     nothing was queued or computed
   */
  public void record(
      @Nullable String traceparent, VersionKey version, BatchTiming timing, CacheStatus cache) {
    if (!tracing.follows(traceparent)) {
      return;
    }
    long end = System.nanoTime();
    long dispatch = end - timing.computeNanos();
    long arrival = dispatch - timing.queueNanos();
    Attributes who = attributes(version, cache);
    if (cache == CacheStatus.HIT) {
      tracing.record("cache", traceparent, end, end, who);
      return;
    }
    tracing.record("queue", traceparent, arrival, dispatch, who);
    tracing.record(
        "compute",
        traceparent,
        dispatch,
        end,
        who.toBuilder()
            .put(ROWS, (long) timing.batchRows())
            .put(REQUESTS, (long) timing.batchRequests())
            .build());
  }

  private static Attributes attributes(VersionKey version, CacheStatus cache) {
    Attributes who =
        Attributes.of(
            PROJECT, version.project(), MODEL, version.model(), VERSION, (long) version.version());
    return cache == CacheStatus.OFF ? who : who.toBuilder().put(CACHE, cache.label()).build();
  }
}
