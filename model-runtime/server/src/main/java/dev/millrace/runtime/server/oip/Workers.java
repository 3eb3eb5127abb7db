package dev.millrace.runtime.server.oip;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.inject.Typed;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Threads for work that is too long for an event loop or a dispatcher: large bodies, compressed
 * bodies, tokenizing. Small work stays where it is, since a change of threads costs more than it.
 */
@Singleton
@Typed(Workers.class)
public class Workers implements Executor {
  /** Decoding 64 KiB of JSON numbers takes about 0.2 ms: what an event loop can still bear. */
  static final long INLINE_BYTES = 64 << 10;

  private final ExecutorService executor =
      Executors.newFixedThreadPool(
          Math.max(2, Runtime.getRuntime().availableProcessors()),
          Thread.ofPlatform().name("millrace-worker-", 0).daemon().factory());

  @Override
  public void execute(Runnable work) {
    executor.execute(work);
  }

  /** Whether work on so many bytes is for these threads. */
  boolean areFor(long bytes) {
    return bytes > INLINE_BYTES;
  }

  /** Runs {@code work} here when it is small, elsewhere when not; failures end the future. */
  <T> CompletableFuture<T> run(long bytes, Supplier<T> work) {
    if (areFor(bytes)) {
      return CompletableFuture.supplyAsync(work, executor);
    }
    try {
      return CompletableFuture.completedFuture(work.get());
    } catch (RuntimeException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  @PreDestroy
  void stop() {
    executor.shutdownNow();
  }
}
