package dev.millrace.runtime.server.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.batching.Ticker;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The answers of one endpoint, bounded by bytes and age. What is asked for often stays rather than
 * what was asked for last (W-TinyLFU). Thread-safe; when {@link #put} returns the bound holds.
 */
final class AnswerStore {
  /** Key, entry, and the store's node with its place in two queues. */
  private static final long OVERHEAD = 224;

  private final Cache<CacheKey, Entry> answers;

  /** Why an answer is no longer kept, though it was good. */
  enum Eviction {
    SIZE,
    EXPIRED
  }

  private record Entry(VersionKey version, CachedAnswer answer) {
    int weight() {
      return (int) Math.min(Integer.MAX_VALUE, OVERHEAD + answer.bytes());
    }
  }

  /**
   * An empty store.
   *
   * @param evicted told of each answer that had to go; fast
   */
  AnswerStore(CacheSettings settings, Ticker ticker, Consumer<Eviction> evicted) {
    this.answers =
        Caffeine.newBuilder()
            .ticker(ticker::nanoTime)
            // On the caller's thread: nothing waits in a pool while the store is over its bound.
            .executor(Runnable::run)
            .scheduler(Scheduler.systemScheduler())
            .expireAfterWrite(settings.ttl())
            .maximumWeight(settings.maxBytes())
            .weigher((CacheKey key, Entry entry) -> entry.weight())
            .evictionListener(
                (@Nullable CacheKey key, @Nullable Entry entry, RemovalCause cause) ->
                    evicted.accept(
                        cause == RemovalCause.EXPIRED ? Eviction.EXPIRED : Eviction.SIZE))
            .build();
  }

  @Nullable CachedAnswer get(CacheKey key) {
    Entry entry = answers.getIfPresent(key);
    return entry == null ? null : entry.answer();
  }

  void put(CacheKey key, VersionKey version, CachedAnswer answer) {
    answers.put(key, new Entry(version, answer));
  }

  /** Holds for what is there too: a shorter life ends sooner, a smaller store evicts at once. */
  void change(CacheSettings settings) {
    Duration ttl = settings.ttl();
    answers.policy().expireAfterWrite().orElseThrow().setExpiresAfter(ttl);
    answers.policy().eviction().orElseThrow().setMaximum(settings.maxBytes());
  }

  /** Forgets the answers of one version. */
  void drop(VersionKey version) {
    answers.asMap().values().removeIf(entry -> entry.version().equals(version));
  }

  void clear() {
    answers.invalidateAll();
  }

  /** What the answers hold now. */
  long bytes() {
    return answers.policy().eviction().orElseThrow().weightedSize().orElse(0);
  }

  long count() {
    answers.cleanUp();
    return answers.estimatedSize();
  }
}
