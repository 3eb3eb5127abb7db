package dev.millrace.benchmarks.load;

import dev.millrace.benchmarks.load.LoadResult.Usage;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Calls that start at a fixed rate, however slowly they are answered: measures latency, counted
 * from the intended start. When the client cannot hold the rate, the result says so ({@link
 * LoadResult.Injection#held}) and is void.
 */
public final class OpenLoop {
  private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long DRAIN_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private OpenLoop() {}

  /**
   * Calls at {@code ratePerSecond} for the plan's warm-up and window; blocks until every call has
   * ended or been given up.
   */
  public static LoadResult run(
      Target target, LoadPlan plan, double ratePerSecond, ServerProbe server)
      throws InterruptedException {
    LongSupplier ticker = System::nanoTime;
    var schedule = new ArrivalSchedule(ticker.getAsLong(), ratePerSecond);
    var injector = new Injector(target, schedule, plan, ticker);
    long windowStart = schedule.startNanos() + plan.warmUp().toNanos();

    issueUntil(injector, windowStart);
    var meter = UsageMeter.start(server);
    issueUntil(injector, Long.MAX_VALUE);
    Usage usage = meter.stop();
    drain(injector);
    return result(injector, plan.window(), usage);
  }

  private static void issueUntil(Injector injector, long deadline) throws InterruptedException {
    while (deadline == Long.MAX_VALUE || System.nanoTime() - deadline < 0) {
      long wait = injector.issueDue();
      if (wait < 0) {
        return;
      }
      // Wakes some 50 µs late; calls that fall due meanwhile start together, and their wait counts.
      park(wait);
    }
  }

  private static void park(long nanos) throws InterruptedException {
    LockSupport.parkNanos(nanos);
    if (Thread.interrupted()) {
      throw new InterruptedException("stopped in the middle of an open loop");
    }
  }

  private static void drain(Injector injector) throws InterruptedException {
    long giveUpAt = System.nanoTime() + DRAIN_NANOS;
    while (injector.outstanding() > 0 && System.nanoTime() - giveUpAt < 0) {
      park(DRAIN_STEP_NANOS);
    }
    for (long unanswered = injector.outstanding(); unanswered > 0; unanswered--) {
      injector
          .counted()
          .failed("no answer within " + TimeUnit.NANOSECONDS.toSeconds(DRAIN_NANOS) + " s");
    }
  }

  private static LoadResult result(Injector injector, Duration window, Usage usage) {
    Tally counted = injector.counted();
    Tally warmUp = injector.warmUp();
    return new LoadResult(
        window,
        counted.takeLatencies(),
        counted.wrong() + warmUp.wrong(),
        counted.failed() + warmUp.failed(),
        warmUp.firstProblem() != null ? warmUp.firstProblem() : counted.firstProblem(),
        usage,
        injector.injection());
  }
}
