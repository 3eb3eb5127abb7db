package dev.millrace.runtime.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.runtime.server.cache.AnswerStore.Eviction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AnswerStoreTest {
  private static final VersionKey VERSION = new VersionKey("p", "m", 1);
  private static final VersionKey OTHER = new VersionKey("p", "m", 2);

  private final AtomicLong now = new AtomicLong();
  private final List<Eviction> evicted = new ArrayList<>();

  private AnswerStore store(Duration ttl, long maxBytes) {
    return new AnswerStore(new CacheSettings(ttl, maxBytes), now::get, evicted::add);
  }

  private static CacheKey key(long number) {
    return new CacheKey(number * 0x9E3779B97F4A7C15L, 0, 0, number);
  }

  private static CachedAnswer kilobyte() {
    return new CachedAnswer.Numbers(new float[256]);
  }

  @Test
  void givesBackWhatWasKept() {
    var store = store(Duration.ofSeconds(60), 1 << 20);
    var answer = kilobyte();

    store.put(key(1), VERSION, answer);

    assertThat(store.get(key(1))).isSameAs(answer);
    assertThat(store.get(key(2))).isNull();
  }

  @Test
  void anAnswerLivesAsLongAsTheTtlFromWhenItWasComputed() {
    var store = store(Duration.ofSeconds(60), 1 << 20);
    store.put(key(1), VERSION, kilobyte());

    now.set(Duration.ofSeconds(59).toNanos());
    assertThat(store.get(key(1))).isNotNull();
    now.set(Duration.ofSeconds(60).toNanos());
    assertThat(store.get(key(1))).isNull();
    assertThat(store.count()).isZero();
    assertThat(store.bytes()).isZero();
    assertThat(evicted).containsExactly(Eviction.EXPIRED);
  }

  @Test
  void neverHoldsMoreThanItMay() {
    var store = store(Duration.ofHours(1), 100_000);

    for (int i = 0; i < 10_000; i++) {
      store.put(key(i), VERSION, kilobyte());
      assertThat(store.bytes()).isLessThanOrEqualTo(100_000);
    }

    // A kilobyte costs 1,064 bytes and the overhead of an entry.
    assertThat(store.count()).isBetween(60L, 78L);
    assertThat(evicted).contains(Eviction.SIZE);
  }

  @Test
  void whatIsLargerThanTheStoreIsNotKept() {
    var store = store(Duration.ofHours(1), 1_000);

    store.put(key(1), VERSION, kilobyte());

    assertThat(store.get(key(1))).isNull();
    assertThat(store.bytes()).isZero();
  }

  @Test
  void otherSettingsHoldForWhatIsThere() {
    var store = store(Duration.ofHours(1), 1 << 20);
    for (int i = 0; i < 100; i++) {
      store.put(key(i), VERSION, kilobyte());
    }
    now.set(Duration.ofSeconds(10).toNanos());

    store.change(new CacheSettings(Duration.ofHours(1), 50_000));
    assertThat(store.bytes()).isBetween(40_000L, 50_000L);

    store.change(new CacheSettings(Duration.ofSeconds(5), 50_000));
    assertThat(store.count()).isZero();
  }

  @Test
  void anUnloadedVersionsAnswersGo() {
    var store = store(Duration.ofHours(1), 1 << 20);
    store.put(key(1), VERSION, kilobyte());
    store.put(key(2), OTHER, kilobyte());

    store.drop(VERSION);

    assertThat(store.get(key(1))).isNull();
    assertThat(store.get(key(2))).isNotNull();
    assertThat(evicted).isEmpty();
  }

  @Test
  void keptTensorsAreCopiesThatCountWithTheirObjects() {
    var original = Tensors.float32("y", new float[] {1, 2, 3, Float.NaN}, 1, 4);

    var kept = CachedAnswer.Tensors.copyOf(List.of(original));
    original.data().putFloat(0, 9);

    assertThat(Tensors.floatArray(kept.outputs().get(0))).containsExactly(1, 2, 3, Float.NaN);
    assertThat(kept.outputs().get(0).shape()).containsExactly(1, 4);
    assertThat(kept.bytes()).isEqualTo(184 + 16 + 16);
  }
}
