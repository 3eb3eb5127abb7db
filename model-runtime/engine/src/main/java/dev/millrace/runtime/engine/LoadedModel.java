package dev.millrace.runtime.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Something loaded that lives as long as it is wanted or in use. A reload makes the new one, lets
 * new calls lease it, then unloads the old one: calls that hold a lease on the old one finish on
 * it, so that no request is dropped.
 *
 * <p>Thread-safe and lock-free.
 */
public final class LoadedModel<T extends AutoCloseable> {
  /** Set in {@link #state} once unloading has begun; the rest counts the open leases. */
  private static final long UNLOADING = 1L << 62;

  private final T value;
  private final AtomicLong state = new AtomicLong();
  private final LongSupplier nanoTime;
  private final long loadedNanos;
  private volatile long lastUseNanos;
  private final CompletableFuture<Void> unloaded = new CompletableFuture<>();

  /** Takes the ownership of {@code value}. */
  public LoadedModel(T value) {
    this(value, System::nanoTime);
  }

  /** The same with another clock than {@link System#nanoTime()}. */
  public LoadedModel(T value, LongSupplier nanoTime) {
    this.value = value;
    this.nanoTime = nanoTime;
    this.loadedNanos = nanoTime.getAsLong();
    this.lastUseNanos = loadedNanos;
  }

  /** A lease, or empty when unloading has begun: then look up the current model again. */
  public Optional<ModelLease<T>> acquire() {
    long before = state.getAndUpdate(count -> (count & UNLOADING) == 0 ? count + 1 : count);
    return (before & UNLOADING) == 0 ? Optional.of(new ModelLease<>(this)) : Optional.empty();
  }

  /**
   * The same for looking only: {@link #unused()} goes on counting. Metrics that ask every few
   * seconds must not keep an idle model in memory.
   */
  public Optional<ModelLease<T>> inspect() {
    return acquire().map(ModelLease::uncounted);
  }

  /** How long ago the last lease ended; since loading when there was none. */
  public Duration unused() {
    return Duration.ofNanos(nanoTime.getAsLong() - lastUseNanos);
  }

  /** How long it has been there. */
  public Duration age() {
    return Duration.ofNanos(nanoTime.getAsLong() - loadedNanos);
  }

  void used() {
    lastUseNanos = nanoTime.getAsLong();
  }

  /** Leases that are open now. */
  public long leases() {
    return state.get() & ~UNLOADING;
  }

  /**
   * Refuses new leases and closes the value when the last open lease ends, on that lease's thread
   * (or here, when none is open). Completes after the value has been closed, exceptionally with
   * what its {@code close} threw; later calls return the same stage.
   */
  public CompletionStage<Void> unload() {
    long before = state.getAndUpdate(count -> count | UNLOADING);
    if (before == 0) {
      closeValue();
    }
    return unloaded.minimalCompletionStage();
  }

  T value() {
    return value;
  }

  void release() {
    if (state.decrementAndGet() == UNLOADING) {
      closeValue();
    }
  }

  private void closeValue() {
    try {
      value.close();
      unloaded.complete(null);
    } catch (Exception failure) {
      unloaded.completeExceptionally(failure);
    }
  }
}
