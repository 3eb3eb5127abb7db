package dev.millrace.benchmarks.load;

import dev.millrace.benchmarks.load.LoadResult.Injection;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Starts the calls of a schedule that are due and counts their answers. Driven from outside by one
 * thread ({@link #issueDue}); answers may come on any thread.
 */
final class Injector {
  private final Target target;
  private final ArrivalSchedule schedule;
  private final LongSupplier ticker;
  private final int lanes;

  /** Calls meant to start in [first, end) are counted; the ones before are the warm-up. */
  private final long countedFrom;

  private final long countedUntil;
  private final long windowEndsAt;

  private final Tally warmUp = new Tally();
  private final Tally counted = new Tally();
  private final Tally lag = new Tally();
  private final LongAdder sentInWindow = new LongAdder();
  private final LongAdder ended = new LongAdder();
  private long issued;

  Injector(Target target, ArrivalSchedule schedule, LoadPlan plan, LongSupplier ticker) {
    this.target = target;
    this.schedule = schedule;
    this.ticker = ticker;
    this.lanes = plan.lanes();
    long windowStartsAt = schedule.startNanos() + plan.warmUp().toNanos();
    this.windowEndsAt = windowStartsAt + plan.window().toNanos();
    this.countedFrom = schedule.before(windowStartsAt);
    this.countedUntil = schedule.before(windowEndsAt);
  }

  /**
   * Starts every call that is due and not started yet.
   *
   * @return nanoseconds until the next is due; -1 when the schedule is through
   */
  long issueDue() {
    while (issued < countedUntil) {
      long wait = schedule.intended(issued) - ticker.getAsLong();
      if (wait > 0) {
        return wait;
      }
      var arrival = new Arrival(schedule.intended(issued), issued >= countedFrom);
      target.call((int) (issued % lanes), issued, arrival);
      issued++;
    }
    return -1;
  }

  /** Calls started and not ended yet. */
  long outstanding() {
    return issued - ended.sum();
  }

  /** Calls that the schedule planned in the window. */
  long planned() {
    return countedUntil - countedFrom;
  }

  Injection injection() {
    return new Injection(
        planned(), sentInWindow.sum(), lag.takeLatencies().getValueAtPercentile(99));
  }

  Tally counted() {
    return counted;
  }

  Tally warmUp() {
    return warmUp;
  }

  private final class Arrival implements Answered {
    private final long intended;
    private final boolean inWindow;

    Arrival(long intended, boolean inWindow) {
      this.intended = intended;
      this.inWindow = inWindow;
    }

    @Override
    public void sent() {
      if (inWindow) {
        long now = ticker.getAsLong();
        lag.ok(now - intended);
        if (now <= windowEndsAt) {
          sentInWindow.increment();
        }
      }
    }

    @Override
    public void ok() {
      tally().ok(ticker.getAsLong() - intended);
      ended.increment();
    }

    @Override
    public void wrong(String why) {
      tally().wrong(why);
      ended.increment();
    }

    @Override
    public void failed(String why) {
      tally().failed(why);
      ended.increment();
    }

    private Tally tally() {
      return inWindow ? counted : warmUp;
    }
  }
}
