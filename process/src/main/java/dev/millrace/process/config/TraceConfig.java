package dev.millrace.process.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;

/** {@code millrace.telemetry.traces.*} as written; {@link TraceOptions} is what the code uses. */
@ConfigMapping(prefix = "millrace.telemetry.traces")
public interface TraceConfig {
  /** Whether spans are made and sent. */
  @WithDefault("false")
  boolean enabled();

  /** Where they go: OTLP over HTTP, protobuf. */
  @WithDefault("http://localhost:4318/v1/traces")
  URI endpoint();

  /** Share of the calls without a {@code traceparent} of their own that are traced, 0 to 1. */
  @WithDefault("0.01")
  double ratio();

  /** How long one export may take before its spans are dropped. */
  @WithDefault("10s")
  Duration exportTimeout();
}
