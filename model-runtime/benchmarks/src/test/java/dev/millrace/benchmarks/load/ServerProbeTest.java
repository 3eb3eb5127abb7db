package dev.millrace.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ServerProbeTest {
  @Test
  void readsResidentMemoryInKibibytes() {
    String status = "Name:\tjava\nVmHWM:\t  900000 kB\nVmRSS:\t  123456 kB\nThreads:\t30\n";

    assertThat(ServerProbe.residentBytes(status)).hasValue(123_456L * 1024);
  }

  @Test
  void knowsNothingOfAProcessThatIsNotThere() {
    assertThat(ServerProbe.blind().cpu()).isEmpty();
    assertThat(ServerProbe.blind().residentBytes()).isEmpty();
    assertThat(ServerProbe.residentBytes("Name:\tzombie\n")).isEmpty();
  }
}
