package dev.millrace.process.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** {@code millrace.telemetry.metrics.*}. */
@ConfigMapping(prefix = "millrace.telemetry.metrics")
public interface MetricsConfig {
  /**
   * Whether timers and sizes are published with buckets; without them with count, sum and greatest
   * value only, which is a tenth of the series.
   */
  @WithDefault("true")
  boolean histograms();
}
