package dev.millrace.benchmarks.vitals;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GrowthTest {
  private static final double MIB = 1 << 20;

  /** Twelve looks, five seconds and six loads apart. */
  private static List<Growth> looks(IntToDoubleFunction residentMiB, IntToDoubleFunction threads) {
    return Growth.of(
        IntStream.range(0, 12)
            .mapToObj(
                i ->
                    new Vitals(
                        i / 12.0,
                        6L * i,
                        50 * MIB,
                        residentMiB.applyAsDouble(i) * MIB,
                        4 * MIB,
                        0,
                        230,
                        threads.applyAsDouble(i)))
            .toList());
  }

  private static Growth named(List<Growth> all, String name) {
    return all.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void whatStaysOrWaversDoesNotLeak() {
    assertThat(looks(i -> 500 + (i % 3) * 8, i -> 40 + i % 2)).noneMatch(Growth::leaks);
  }

  @Test
  void oneThreadAWheelOfLoadsIsALeak() {
    Growth threads = named(looks(i -> 500, i -> 40 + 6 * i), "threads");

    assertThat(threads.leaks()).isTrue();
    assertThat(threads.perCycle()).isEqualTo(1);
  }

  @Test
  void growthInTheBeginningDoesNotCount() {
    assertThat(looks(i -> Math.min(900, 300 + 200 * i), i -> 40)).noneMatch(Growth::leaks);
  }

  @Test
  void memoryThatRisesByMoreThanATenthLeaks() {
    Growth memory = named(looks(i -> 500 + 20 * i, i -> 40), "resident memory");

    assertThat(memory.leaks()).isTrue();
    assertThat(memory.perHour()).isBetween(14_399.0, 14_401.0);
    assertThat(memory.allowed()).isEqualTo(64);
  }
}
