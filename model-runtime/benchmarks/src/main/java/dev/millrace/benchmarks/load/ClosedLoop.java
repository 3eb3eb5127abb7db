package dev.millrace.benchmarks.load;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of callers, each of which calls again as soon as it is answered: measures
 * throughput. Its latencies leave out what a stalled server would have kept waiting; use {@link
 * OpenLoop} for latency.
 */
public final class ClosedLoop {
  /** A caller that only fails gives up, so that a dead server is not called in a tight loop. */
  private static final int FAILURES_IN_A_ROW = 50;

  private static final long DRAIN_SECONDS = 20;

  private final Target target;
  private final LoadPlan plan;
  private final CountDownLatch finished;

  /** Where answers are counted now: the warm-up, the window, or what comes after it. */
  private volatile Tally tally = new Tally();

  private volatile boolean stopping;

  private ClosedLoop(Target target, LoadPlan plan) {
    this.target = target;
    this.plan = plan;
    this.finished = new CountDownLatch(plan.lanes());
  }

  /** Calls for the plan's warm-up and window; blocks until every caller has come back. */
  public static LoadResult run(Target target, LoadPlan plan, ServerProbe server)
      throws InterruptedException {
    return new ClosedLoop(target, plan).run(server);
  }

  private LoadResult run(ServerProbe server) throws InterruptedException {
    Tally warmUp = tally;
    for (int lane = 0; lane < plan.lanes(); lane++) {
      new Lane(lane).next();
    }
    pause(plan.warmUp());

    Tally counted = new Tally();
    var meter = UsageMeter.start(server);
    long start = System.nanoTime();
    tally = counted;
    pause(plan.window());
    Tally after = new Tally();
    tally = after;
    var window = Duration.ofNanos(System.nanoTime() - start);
    var usage = meter.stop();
    stopping = true;
    if (!finished.await(DRAIN_SECONDS, TimeUnit.SECONDS)) {
      after.failed("no answer within " + DRAIN_SECONDS + " s");
    }
    return new LoadResult(
        window,
        counted.takeLatencies(),
        warmUp.wrong() + counted.wrong() + after.wrong(),
        warmUp.failed() + counted.failed() + after.failed(),
        first(warmUp.firstProblem(), counted.firstProblem(), after.firstProblem()),
        usage,
        null);
  }

  /** Returns early when every caller has given up. */
  private void pause(Duration duration) throws InterruptedException {
    if (!duration.isZero() && finished.await(duration.toNanos(), TimeUnit.NANOSECONDS)) {
      stopping = true;
    }
  }

  private static @Nullable String first(@Nullable String... problems) {
    for (String problem : problems) {
      if (problem != null) {
        return problem;
      }
    }
    return null;
  }

  /** One caller: one call at a time, so its fields need no lock; answers hand them over. */
  private final class Lane implements Answered {
    private final int number;
    private long index;
    private long startedAt;
    private int failuresInARow;

    Lane(int number) {
      this.number = number;
      this.index = number;
    }

    void next() {
      if (stopping || failuresInARow >= FAILURES_IN_A_ROW) {
        finished.countDown();
        return;
      }
      startedAt = System.nanoTime();
      long call = index;
      index += plan.lanes();
      target.call(number, call, this);
    }

    @Override
    public void ok() {
      tally.ok(System.nanoTime() - startedAt);
      failuresInARow = 0;
      next();
    }

    @Override
    public void wrong(String why) {
      tally.wrong(why);
      failuresInARow = 0;
      next();
    }

    @Override
    public void failed(String why) {
      tally.failed(why);
      failuresInARow++;
      next();
    }
  }
}
