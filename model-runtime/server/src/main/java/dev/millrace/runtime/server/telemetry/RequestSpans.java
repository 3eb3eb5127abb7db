package dev.millrace.runtime.server.telemetry;

import dev.millrace.process.trace.Tracing;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.batching.BatchRejectedException;
import dev.millrace.runtime.batching.BatchStage;
import dev.millrace.runtime.batching.BatchTiming;
import dev.millrace.runtime.batching.Submission;
import dev.millrace.runtime.server.cache.CacheStatus;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.concurrent.CompletionException;
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
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

  private final Tracing tracing;

  public RequestSpans(Tracing tracing) {
    this.tracing = tracing;
  }

  /**
   * Records where a request was, should it end without a result; costs nothing unless it is traced.
   *
   * @param traceparent of the span around the request
   */
  public void watch(@Nullable String traceparent, VersionKey version, Submission<?> submission) {
    if (tracing.follows(traceparent)) {
      submission
          .result()
          .whenComplete(
              (_, failure) -> {
                if (failure != null) {
                  failed(traceparent, version, submission, failure);
                }
              });
    }
  }

  /**
   * A request has just ended without a result: it waited until now, or until its execution. One
   * that was refused on arrival has no span.
   */
  public void failed(
      @Nullable String traceparent,
      VersionKey version,
      Submission<?> submission,
      Throwable failure) {
    if (!tracing.follows(traceparent)) {
      return;
    }
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof BatchRejectedException refused
        && refused.stage() == BatchStage.ADMISSION) {
      return;
    }
    long end = System.nanoTime();
    long arrival = submission.arrivalNanos();
    long waited = submission.queueNanos();
    Attributes who = who(version).toBuilder().put(ERROR, word(cause)).build();
    tracing.record("queue", traceparent, arrival, waited < 0 ? end : arrival + waited, who);
    if (waited >= 0) {
      tracing.record("compute", traceparent, arrival + waited, end, who);
    }
  }

  /** What a dashboard groups by. */
  private static String word(Throwable cause) {
    return cause instanceof BatchRejectedException refused
        ? refused.reason().name().toLowerCase(Locale.ROOT)
        : "run_failed";
  }

  private static Attributes who(VersionKey version) {
    return Attributes.of(
        PROJECT, version.project(), MODEL, version.model(), VERSION, (long) version.version());
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
    Attributes who = who(version, cache);
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

  private static Attributes who(VersionKey version, CacheStatus cache) {
    Attributes who = who(version);
    return cache == CacheStatus.OFF ? who : who.toBuilder().put(CACHE, cache.label()).build();
  }
}
