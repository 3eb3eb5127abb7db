package dev.millrace.runtime.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CacheSharesTest {
  @Test
  void eachGetsWhatItAsksWhereAllFit() {
    assertThat(CacheShares.of(Map.of("a", 60L, "b", 40L), 100))
        .isEqualTo(Map.of("a", 60L, "b", 40L));
  }

  @Test
  void whoAsksForMuchTakesNothingFromWhoAsksForLittle() {
    assertThat(CacheShares.of(Map.of("small", 10L, "big", 1L << 40, "bigger", 1L << 41), 100))
        .isEqualTo(Map.of("small", 10L, "big", 45L, "bigger", 45L));
  }

  @Test
  void aHundredEndpointsStayWithinTheTotal() {
    Map<Integer, Long> asked =
        IntStream.range(0, 100)
            .boxed()
            .collect(Collectors.toMap(Function.identity(), i -> 64L << 20));

    var shares = CacheShares.of(asked, 1_000_000_007);

    assertThat(shares.values().stream().mapToLong(Long::longValue).sum())
        .isLessThanOrEqualTo(1_000_000_007);
    assertThat(shares.values()).allMatch(share -> share >= 10_000_000);
    assertThat(CacheShares.of(asked, 0).values()).containsOnly(0L);
  }
}
