package dev.millrace.runtime.engine;

/**
 * The right to use a loaded model for one call. While a lease is open the model is not unloaded,
 * even when another version has taken its place. Close exactly when the call is over.
 */
public final class ModelLease<T extends AutoCloseable> implements AutoCloseable {
  private final LoadedModel<T> owner;
  private boolean closed;
  private volatile boolean counts = true;

  ModelLease(LoadedModel<T> owner) {
    this.owner = owner;
  }

  /** The same lease, but its end is no use of the model. */
  ModelLease<T> uncounted() {
    counts = false;
    return this;
  }

  /** The model; not to be used after {@link #close()}. */
  public T model() {
    return owner.value();
  }

  /** Ends the lease; later calls do nothing. Thread-safe. */
  @Override
  public void close() {
    if (isFirst()) {
      if (counts) {
        owner.used();
      }
      owner.release();
    }
  }

  private synchronized boolean isFirst() {
    boolean first = !closed;
    closed = true;
    return first;
  }
}
