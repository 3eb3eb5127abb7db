package dev.millrace.benchmarks.load;

import java.util.function.LongPredicate;
import org.HdrHistogram.Histogram;

/**
 * A target that also keeps the latencies of some of its calls apart, for example of the largest
 * requests. Counts from the call, so it is for closed loops; counts the lead of a run too.
 */
public final class Spotlight implements Target {
  private final Target target;
  private final LongPredicate chosen;
  private final Tally tally = new Tally();

  /**
   * Watches a target, which it closes.
   *
   * @param chosen tells by its index whether a call is kept apart
   */
  public Spotlight(Target target, LongPredicate chosen) {
    this.target = target;
    this.chosen = chosen;
  }

  @Override
  public void call(int lane, long index, Answered answered) {
    target.call(lane, index, chosen.test(index) ? new Timed(answered) : answered);
  }

  /** Latencies of the right answers among the chosen calls; to be taken once, at the end. */
  public Histogram latencies() {
    return tally.takeLatencies();
  }

  @Override
  public void close() {
    target.close();
  }

  private final class Timed implements Answered {
    private final Answered answered;
    private final long startedAt = System.nanoTime();

    Timed(Answered answered) {
      this.answered = answered;
    }

    @Override
    public void sent() {
      answered.sent();
    }

    @Override
    public void ok() {
      tally.ok(System.nanoTime() - startedAt);
      answered.ok();
    }

    @Override
    public void wrong(String why) {
      answered.wrong(why);
    }

    @Override
    public void failed(String why) {
      answered.failed(why);
    }
  }
}
