package dev.millrace.process.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HistogramFilterTest {
  private static Timer timer(boolean histograms) {
    var registry = new SimpleMeterRegistry();
    registry.config().meterFilter(HistogramFilter.of(histograms));
    Timer timer =
        Timer.builder("call.duration")
            .serviceLevelObjectives(Duration.ofMillis(1), Duration.ofMillis(2))
            .register(registry);
    timer.record(Duration.ofMillis(1));
    return timer;
  }

  @Test
  void keepsTheBucketsThatAMeterAsksFor() {
    assertThat(timer(true).takeSnapshot().histogramCounts()).hasSize(2);
  }

  @Test
  void takesTheBucketsOffAndStillCounts() {
    assertThat(timer(false).takeSnapshot().histogramCounts()).isEmpty();
    assertThat(timer(false).count()).isEqualTo(1);
  }
}
