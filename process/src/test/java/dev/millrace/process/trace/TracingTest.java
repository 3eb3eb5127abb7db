package dev.millrace.process.trace;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.process.config.TraceOptions;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TracingTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SAMPLED = "00-" + TRACE + "-b7ad6b7169203331-01";
  private static final String NOT_SAMPLED = "00-" + TRACE + "-b7ad6b7169203331-00";
  private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

  private final KeptSpans spans = new KeptSpans();

  /** What was exported outlives the exporter. */
  private static final class KeptSpans {
    private final InMemorySpanExporter memory = InMemorySpanExporter.create();

    Tracing tracing(double ratio) {
      var options =
          new TraceOptions(
              true, URI.create("http://localhost:1/v1/traces"), ratio, Duration.ofSeconds(1));
      return Tracing.to(memory, options, "test", InstantSource.fixed(NOW));
    }

    java.util.List<io.opentelemetry.sdk.trace.data.SpanData> after(Tracing tracing) {
      tracing.flush();
      return memory.getFinishedSpanItems();
    }
  }

  @Test
  void nothingIsTracedWhenOff() {
    var off =
        Tracing.of(
            new TraceOptions(
                false, URI.create("http://localhost:1/v1/traces"), 1, Duration.ofSeconds(1)),
            "test");

    assertThat(off.on()).isFalse();
    assertThat(off.begin("gateway", SAMPLED, 0)).isNull();
    assertThat(off.follows(SAMPLED)).isFalse();
    off.record("queue", SAMPLED, 0, 1, Attributes.empty());
    off.close();
  }

  @Test
  void spansInsideACallHaveItsSpanAsParent() {
    try (var tracing = spans.tracing(0)) {
      var call = requireNonNull(tracing.begin("gateway", SAMPLED, System.nanoTime()));
      long end = System.nanoTime();
      long start = end - TimeUnit.MILLISECONDS.toNanos(5);
      var rows = AttributeKey.longKey("rows");
      tracing.record("compute", call.traceparent(), start, end, Attributes.of(rows, 3L));
      call.end(Attributes.empty(), true);

      var exported = spans.after(tracing);
      assertThat(exported).extracting(span -> span.getName()).containsExactly("compute", "gateway");
      var compute = exported.get(0);
      var gateway = exported.get(1);
      assertThat(gateway.getTraceId()).isEqualTo(TRACE);
      assertThat(gateway.getParentSpanId()).isEqualTo("b7ad6b7169203331");
      assertThat(gateway.getStatus()).isEqualTo(StatusData.error());
      assertThat(gateway.getResource().getAttribute(AttributeKey.stringKey("service.name")))
          .isEqualTo("test");
      assertThat(compute.getTraceId()).isEqualTo(TRACE);
      assertThat(compute.getParentSpanId()).isEqualTo(gateway.getSpanId());
      assertThat(compute.getAttributes().get(rows)).isEqualTo(3);
      assertThat(compute.getEndEpochNanos() - compute.getStartEpochNanos())
          .isBetween(TimeUnit.MILLISECONDS.toNanos(4), TimeUnit.MILLISECONDS.toNanos(6));
      assertThat(compute.getEndEpochNanos())
          .isLessThanOrEqualTo(TimeUnit.SECONDS.toNanos(NOW.getEpochSecond()));
    }
  }

  @Test
  void aCallersChoiceGoesBeforeTheRatio() {
    try (var all = spans.tracing(1);
        var none = spans.tracing(0)) {
      assertThat(all.begin("gateway", NOT_SAMPLED, 0)).isNull();
      assertThat(none.begin("gateway", SAMPLED, 0)).isNotNull();
      assertThat(all.begin("gateway", null, 0)).isNotNull();
      assertThat(all.begin("gateway", "malformed", 0)).isNotNull();
      assertThat(none.begin("gateway", null, 0)).isNull();
    }
  }

  @Test
  void aShareOfTheOtherCallsIsTraced() {
    try (var tracing = spans.tracing(0.25)) {
      long chosen =
          IntStream.range(0, 4_000)
              .filter(i -> tracing.begin("gateway", null, System.nanoTime()) != null)
              .count();
      // Five standard deviations: once in two million runs by chance.
      assertThat(chosen).isBetween(863L, 1_137L);
    }
  }

  /** What keeps tracing at 1 % under 2 % of the throughput: the other 99 % pay no object. */
  @Test
  void aCallThatIsNotTracedAllocatesNothing() {
    try (var tracing = spans.tracing(1e-12)) {
      var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      IntStream.range(0, 1_000).forEach(i -> untraced(tracing));

      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10_000; i++) {
        untraced(tracing);
      }
      long perCall = (threads.getCurrentThreadAllocatedBytes() - before) / 10_000;

      assertThat(perCall).isZero();
    }
  }

  private static void untraced(Tracing tracing) {
    if (tracing.begin("gateway", null, 1) != null
        || tracing.begin("gateway", NOT_SAMPLED, 1) != null
        || tracing.follows(NOT_SAMPLED)
        || tracing.follows(null)) {
      throw new AssertionError("traced");
    }
  }
}
