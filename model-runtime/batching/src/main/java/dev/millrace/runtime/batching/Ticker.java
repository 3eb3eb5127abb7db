package dev.millrace.runtime.batching;

/** A source of elapsed time; only differences of two readings mean anything. Thread-safe. */
@FunctionalInterface
public interface Ticker {
  /** Nanoseconds since an arbitrary origin; never runs backwards. */
  long nanoTime();

  /** The process's monotonic clock. */
  static Ticker system() {
    return System::nanoTime;
  }
}
