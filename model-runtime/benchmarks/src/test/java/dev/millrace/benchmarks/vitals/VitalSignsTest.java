package dev.millrace.benchmarks.vitals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class VitalSignsTest {
  private static final String METRICS =
      """
      # TYPE jvm_memory_used_bytes gauge
      jvm_memory_used_bytes{area="heap",id="G1 Eden Space"} 1.5E6
      jvm_memory_used_bytes{area="heap",id="G1 Old Gen"} 500000.0
      jvm_memory_used_bytes{area="nonheap",id="Metaspace"} 5.7E7
      jvm_memory_used_bytes_max{area="heap"} 9.0
      jvm_threads_live_threads 27.0
      """;

  @Test
  void addsUpTheSeriesThatCarryALabel() throws Exception {
    var text = new MetricsText(METRICS);

    assertThat(text.sum("jvm_memory_used_bytes", "area=\"heap\"")).isEqualTo(2_000_000);
    assertThat(text.sum("jvm_threads_live_threads", "")).isEqualTo(27);
    assertThat(text.sum("no_such", "")).isZero();
  }

  @Test
  void readsAFieldOfTheStatusFile() throws Exception {
    assertThat(VitalSigns.field("VmRSS:\t  1024 kB\nThreads:\t27\n", "Threads:")).isEqualTo(27);
    assertThatThrownBy(() -> VitalSigns.field("", "Threads:"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has ended");
  }
}
