package dev.millrace.process.metrics;

import dev.millrace.process.config.MetricsConfig;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Takes the buckets off every meter when the configuration does not want them. */
@Singleton
class HistogramFilter {
  private static final MeterFilter AS_THEY_ARE = new MeterFilter() {};
  private static final MeterFilter WITHOUT_BUCKETS =
      new MeterFilter() {
        @Override
        public DistributionStatisticConfig configure(
            Meter.Id id, DistributionStatisticConfig wanted) {
          // Not merged with what the meter asks for: that is where its buckets are.
          return DistributionStatisticConfig.builder().percentilesHistogram(false).build();
        }
      };

  @Produces
  @Singleton
  MeterFilter histograms(MetricsConfig config) {
    return of(config.histograms());
  }

  static MeterFilter of(boolean histograms) {
    return histograms ? AS_THEY_ARE : WITHOUT_BUCKETS;
  }
}
