package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.load.Answered;
import dev.millrace.benchmarks.load.ClosedLoop;
import dev.millrace.benchmarks.load.LoadPlan;
import dev.millrace.benchmarks.load.LoadResult;
import dev.millrace.benchmarks.report.Result;
import dev.millrace.benchmarks.report.Round;
import dev.millrace.benchmarks.report.Side;
import dev.millrace.benchmarks.report.Target;
import dev.millrace.benchmarks.server.ColdStart;
import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.TinyWorkload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * From the launcher's first instruction to the first right answer, with the start-up cache, on a
 * folder in which the model was deployed before; and what the first second after that answers.
 */
record StartScenario(String name, int callers) implements Scenario {
  private static final String ID = "P10";
  private static final long TIMEOUT_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long RETRY_MILLIS = 3;
  private static final Duration FIRST_SECOND = Duration.ofSeconds(1);
  private static final double NANOS_A_MILLI = 1e6;
  private static final Target START = Target.valueAtMost(2000, "ms");
  private static final Target FIRST = Target.atLeast(0.5, "steady throughput");

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String about() {
    return "linear model 4 → 3, already deployed: start to first right answer with the start-up"
        + " cache, and the first second's throughput";
  }

  @Override
  public Occasion occasion() {
    return Occasion.FULL;
  }

  @Override
  public List<Result> run(TestBed bed) throws IOException, InterruptedException {
    var load = new Load(new TinyWorkload(), Protocol.HTTP_JSON, callers);
    if (!ColdStart.hasCache(bed.home())) {
      bed.tell(name + ": this build has no start-up cache yet; making it takes a minute");
      ColdStart.makeCache(bed.home(), bed.folder());
    }
    try (var before = bed.another(name, List.of())) {
      // Deploys the model, and warms the client, which would count as the platform otherwise.
      bed.measure().warmUp(name + ", before the start", before, load);
    }
    List<Round> starts = new ArrayList<>();
    List<Round> firsts = new ArrayList<>();
    for (int number = 1; number <= bed.options().rounds(); number++) {
      round(bed, load, starts, firsts);
      bed.tell(
          String.format(
              Locale.ROOT,
              "%s %d/%d: first answer after %.0f ms (without the cache %.0f ms), first second %.0f"
                  + " req/s of %.0f",
              name,
              number,
              bed.options().rounds(),
              starts.getLast().value(),
              starts.getLast().baseline(),
              firsts.getLast().value(),
              firsts.getLast().baseline()));
    }
    return List.of(
        Result.of(ID, name, "ms", START, starts),
        Result.of(ID, name + " first second", "req/s", FIRST, firsts));
  }

  private void round(TestBed bed, Load load, List<Round> starts, List<Round> firsts)
      throws IOException, InterruptedException {
    Path folder = bed.folder().resolve(name);
    double plain;
    try (ColdStart slow = ColdStart.withoutCache(bed.home(), folder)) {
      plain = firstAnswer(slow, load);
    }
    try (ColdStart start = ColdStart.byLauncher(bed.home(), folder)) {
      double cached = firstAnswer(start, load);
      LoadResult first;
      try (var target = start.open(load.workload(), load.protocol(), callers)) {
        var plan = new LoadPlan(callers, Duration.ZERO, FIRST_SECOND);
        first = ClosedLoop.run(target, plan, start.probe());
      }
      bed.measure().warmUp(name + ", after the start", start, load);
      LoadResult steady = bed.measure().closed(start, load);
      Side side = Side.of(first);
      starts.add(
          new Round(cached, plain, "start without the cache", false, null, side, null, null));
      firsts.add(
          new Round(
              first.perSecond(),
              steady.perSecond(),
              "the same process later",
              false,
              null,
              side,
              Side.of(steady),
              null));
    }
  }

  /** Milliseconds from the start of the process. */
  private static double firstAnswer(ColdStart start, Load load)
      throws IOException, InterruptedException {
    try (var target = start.open(load.workload(), load.protocol(), 1)) {
      String problem = "nothing";
      for (long call = 0; System.nanoTime() - start.startedAt() < TIMEOUT_NANOS; call++) {
        var answer = new OneAnswer();
        target.call(0, call, answer);
        problem = answer.await();
        if (problem.isEmpty()) {
          return (System.nanoTime() - start.startedAt()) / NANOS_A_MILLI;
        }
        start.expectAlive();
        Thread.sleep(RETRY_MILLIS);
      }
      throw new IOException("no answer within a minute of the start: " + problem);
    }
  }

  /** Tells the caller how its call ended. */
  private static final class OneAnswer implements Answered {
    private final CompletableFuture<String> problem = new CompletableFuture<>();

    /** What went wrong; empty for a right answer. */
    String await() throws IOException, InterruptedException {
      try {
        return problem.get(TIMEOUT_NANOS, TimeUnit.NANOSECONDS);
      } catch (ExecutionException wrong) {
        throw new IOException("the first answer is wrong: " + wrong.getCause(), wrong);
      } catch (TimeoutException late) {
        return "no answer";
      }
    }

    @Override
    public void ok() {
      problem.complete("");
    }

    @Override
    public void wrong(String why) {
      problem.completeExceptionally(new IOException(why));
    }

    @Override
    public void failed(String why) {
      problem.complete(why);
    }
  }
}
