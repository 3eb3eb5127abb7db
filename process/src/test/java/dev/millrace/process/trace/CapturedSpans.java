package dev.millrace.process.trace;

import static org.awaitility.Awaitility.await;

import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;

/** The collector in tests of the servers: a bean that keeps spans in memory. */
@Singleton
public class CapturedSpans {
  private final InMemorySpanExporter spans = InMemorySpanExporter.create();

  @Produces
  @Singleton
  SpanExporter exporter() {
    return spans;
  }

  /** The spans of one trace, once there are {@code count} of them. */
  public List<SpanData> whole(String traceId, int count) {
    return await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> of(traceId), found -> found.size() >= count);
  }

  /** What came so far of one trace. */
  public List<SpanData> of(String traceId) {
    return spans.getFinishedSpanItems().stream()
        .filter(span -> span.getTraceId().equals(traceId))
        .toList();
  }
}
