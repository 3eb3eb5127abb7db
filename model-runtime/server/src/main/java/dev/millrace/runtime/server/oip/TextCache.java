package dev.millrace.runtime.server.oip;

import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.server.cache.CacheKey;
import dev.millrace.runtime.server.cache.CacheKeys;
import dev.millrace.runtime.server.cache.CacheStatus;
import dev.millrace.runtime.server.cache.CachedAnswer;
import dev.millrace.runtime.server.cache.Fresh;
import dev.millrace.runtime.server.cache.Passenger;
import dev.millrace.runtime.server.cache.ResponseCache;
import dev.millrace.runtime.server.cache.Ride;
import dev.millrace.runtime.server.cache.Run;
import dev.millrace.runtime.server.metrics.CacheMetrics;
import dev.millrace.runtime.server.replica.Replica;
import dev.millrace.runtime.server.text.Tokens;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How the texts of one call meet the cache of its endpoint, each by itself: of eight texts of which
 * six are known, two are computed. The key is made of a text's tokens, so whatever decides about
 * them counts too. Safe from many threads.
 */
final class TextCache {
  private final @Nullable ResponseCache answers;
  private final Replica replica;
  private final CacheKey[] keys;
  private final Map<CacheStatus, Integer> met = new ConcurrentHashMap<>();

  private TextCache(@Nullable ResponseCache answers, Replica replica, int texts) {
    this.answers = answers;
    this.replica = replica;
    this.keys = new CacheKey[answers == null ? 0 : texts];
  }

  /**
   * Looks up every text.
   *
   * @param answers null when nothing is kept
   * @param known filled with the numbers of the texts that are kept, as copies
   */
  static TextCache of(
      @Nullable ResponseCache answers, Replica replica, List<Tokens> texts, float[][] known) {
    var cache = new TextCache(answers, replica, texts.size());
    if (answers != null) {
      CacheKeys keys = CachedInference.keys(replica);
      for (int i = 0; i < known.length; i++) {
        long began = System.nanoTime();
        Tokens text = texts.get(i);
        CacheKey key = keys.of(text.ids(), text.mask(), text.types());
        cache.keys[i] = key;
        if (answers.find(key) instanceof CachedAnswer.Numbers kept) {
          known[i] = kept.values().clone();
          cache.meters(answers).hit(System.nanoTime() - began);
          cache.met.merge(CacheStatus.HIT, 1, Integer::sum);
        }
      }
    }
    return cache;
  }

  /** The computation of one text, which may be that of an identical one in flight. */
  Run<Fresh> run(int index, Terms terms, Supplier<Run<Fresh>> compute) {
    if (answers == null) {
      return compute.get();
    }
    return answers.join(
        keys[index],
        replica.version().key(),
        terms.priority(),
        new Ride<>(
            terms.deadlineNanos(), compute, why -> CachedInference.left(replica.meters(), why)));
  }

  /** The numbers of a text that was run, to do with as one likes. */
  float[] answered(Run<Fresh> run, Fresh fresh) {
    float[] values = ((CachedAnswer.Numbers) fresh.answer()).values();
    if (answers == null || !(run instanceof Passenger<Fresh> passenger)) {
      return values;
    }
    CacheStatus status = CachedInference.count(passenger, fresh, meters(answers), 0);
    met.merge(status, 1, Integer::sum);
    return values.clone();
  }

  /** How the call as a whole met the cache. */
  CacheStatus status() {
    int kept = met.getOrDefault(CacheStatus.HIT, 0);
    if (keys.length == 0) {
      return CacheStatus.OFF;
    }
    if (kept > 0) {
      return kept == keys.length ? CacheStatus.HIT : CacheStatus.PARTIAL;
    }
    return met.containsKey(CacheStatus.MISS) ? CacheStatus.MISS : CacheStatus.COALESCED;
  }

  private CacheMetrics.Version meters(ResponseCache of) {
    return of.meters().version(replica.version().key().version());
  }
}
