package dev.millrace.process.trace;

import dev.millrace.process.config.TraceOptions;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether calls are traced, and the way of their spans to a collector. Thread-safe.
 *
 * <p>The choice is made once, where a call enters the platform: a call whose {@code traceparent}
 * says "sampled" is traced, one that says "not sampled" is not, of the others a share. It travels
 * on in {@code traceparent}. A call that is not chosen costs a comparison and no object; when
 * tracing is off, nothing of OpenTelemetry is even loaded. Spans are sent from a thread of their
 * own, at most 2,048 wait, and what does not fit is dropped: a slow collector never slows a call.
 */
public final class Tracing implements AutoCloseable {
  private static final Tracing OFF = new Tracing(null, 0, InstantSource.system());
  private static final int CLOSE_SECONDS = 3;

  /** What only exists while tracing is on. */
  private record Live(SdkTracerProvider provider, Tracer tracer) {}

  private final @Nullable Live live;
  private final double ratio;
  private final InstantSource clock;

  private Tracing(@Nullable Live live, double ratio, InstantSource clock) {
    this.live = live;
    this.ratio = ratio;
    this.clock = clock;
  }

  /** No call is traced. */
  public static Tracing off() {
    return OFF;
  }

  /**
   * As {@code options} say.
   *
   * @param service the process's name, as traces show it
   */
  public static Tracing of(TraceOptions options, String service) {
    if (!options.enabled()) {
      return OFF;
    }
    SpanExporter exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(options.endpoint().toString())
            .setTimeout(options.exportTimeout())
            .build();
    return to(exporter, options, service, InstantSource.system());
  }

  /** Like {@link #of}, to another exporter, which is closed with this. */
  public static Tracing to(
      SpanExporter exporter, TraceOptions options, String service, InstantSource clock) {
    var provider =
        SdkTracerProvider.builder()
            .setResource(Resource.getDefault().merge(resource(service)))
            // Whoever asks for a span has decided already.
            .setSampler(Sampler.alwaysOn())
            .addSpanProcessor(
                BatchSpanProcessor.builder(exporter)
                    .setScheduleDelay(Duration.ofSeconds(1))
                    .setExporterTimeout(options.exportTimeout())
                    .build())
            .build();
    return new Tracing(new Live(provider, provider.get("dev.millrace")), options.ratio(), clock);
  }

  /** Whether any call is traced. */
  public boolean on() {
    return live != null;
  }

  /**
   * Begins the outermost span of a call if the call is to be traced.
   *
   * @param traceparent as the caller sent it
   * @param startNanos when it arrived, on {@link System#nanoTime()}
   * @return null for a call that is not traced; the caller ends it otherwise
   */
  public @Nullable CallSpan begin(String name, @Nullable String traceparent, long startNanos) {
    Live on = live;
    if (on == null || !chosen(traceparent)) {
      return null;
    }
    Span span =
        on.tracer()
            .spanBuilder(name)
            .setParent(parent(traceparent))
            .setSpanKind(SpanKind.SERVER)
            .setStartTimestamp(startNanos + epochOffset(), TimeUnit.NANOSECONDS)
            .startSpan();
    return new CallSpan(span);
  }

  /** Whether a call that carries {@code traceparent} is traced by whoever is called inside. */
  public boolean follows(@Nullable String traceparent) {
    return live != null && TraceParent.isSampled(traceparent);
  }

  /**
   * Records a span that is over. Nothing happens unless {@link #follows} holds.
   *
   * @param traceparent of the span around it
   * @param startNanos on {@link System#nanoTime()}
   * @param endNanos on {@link System#nanoTime()}
   */
  public void record(
      String name,
      @Nullable String traceparent,
      long startNanos,
      long endNanos,
      Attributes attributes) {
    Live on = live;
    if (on == null || !TraceParent.isSampled(traceparent)) {
      return;
    }
    long offset = epochOffset();
    on.tracer()
        .spanBuilder(name)
        .setParent(parent(traceparent))
        .setStartTimestamp(startNanos + offset, TimeUnit.NANOSECONDS)
        .setAllAttributes(attributes)
        .startSpan()
        .end(endNanos + offset, TimeUnit.NANOSECONDS);
  }

  /** Sends what waits now, at most for three seconds. */
  void flush() {
    Live on = live;
    if (on != null) {
      on.provider().forceFlush().join(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** Sends what waits, at most for three seconds; no span is taken any more. */
  @Override
  public void close() {
    Live on = live;
    if (on != null) {
      on.provider().shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private boolean chosen(@Nullable String traceparent) {
    return TraceParent.isValid(traceparent)
        ? TraceParent.isSampled(traceparent)
        : ratio > 0 && ThreadLocalRandom.current().nextDouble() < ratio;
  }

  private static Context parent(@Nullable String traceparent) {
    var context = TraceParent.parse(traceparent);
    return context.isValid() ? Context.root().with(Span.wrap(context)) : Context.root();
  }

  private static Resource resource(String service) {
    return Resource.create(
        Attributes.builder()
            .put("service.name", service)
            .put("service.namespace", "millrace")
            .build());
  }

  /** From the ticker to the clock. Taken once a span: the clock may be set between two looks. */
  private long epochOffset() {
    Instant now = clock.instant();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - System.nanoTime();
  }
}
