package dev.millrace.runtime.engine.admission;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Time that is handed out once. For one thread. */
final class TimeBudget {
  private final LongSupplier ticker;
  private final boolean none;
  private final long end;

  /**
   * A budget that begins to run out now.
   *
   * @param ticker nanoseconds of a clock that never jumps
   */
  TimeBudget(Duration whole, LongSupplier ticker) {
    this.ticker = ticker;
    this.none = whole.isZero();
    this.end = ticker.getAsLong() + whole.toNanos();
  }

  /** Whether there was none from the beginning. */
  boolean isNone() {
    return none;
  }

  /** Nanoseconds of the ticker. */
  long now() {
    return ticker.getAsLong();
  }

  /** Nanoseconds that are left; negative when it is used up. */
  long left() {
    return end - ticker.getAsLong();
  }

  /** Whether work of that many nanoseconds still fits. */
  boolean allows(double nanos) {
    return nanos <= left();
  }
}
