package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.load.Answered;
import dev.millrace.benchmarks.report.Result;
import dev.millrace.benchmarks.report.Round;
import dev.millrace.benchmarks.report.Side;
import dev.millrace.benchmarks.report.Target;
import dev.millrace.benchmarks.server.PlatformServer;
import dev.millrace.benchmarks.wire.Exchange;
import dev.millrace.benchmarks.workload.MiniLm;
import dev.millrace.benchmarks.workload.MiniLmWorkload;
import dev.millrace.benchmarks.workload.ModelWorkload;
import dev.millrace.benchmarks.workload.Protocol;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A version that was unloaded for being idle: how long its next call takes, and whether all are
 * answered that come at once. Beside it stands the same call of the loaded version.
 *
 * @param name as typed
 * @param callers that come at once
 */
record ColdStartScenario(String name, int callers) implements Scenario {
  private static final Target LIMIT = Target.valueAtMost(700, "ms");

  private static final int WARM_CALLS = 50;

  /** Longer than it may be idle, and than it takes the runtime to notice. */
  private static final Duration ASLEEP = Duration.ofSeconds(4);

  /** A cold call that is not slower by this factor was none. */
  private static final int COLD_FACTOR = 3;

  private static final long ANSWER_SECONDS = 60;

  @Override
  public String id() {
    return "P11";
  }

  @Override
  public String about() {
    return "int8 MiniLM unloaded for being idle: time to the first answer, and to "
        + callers
        + " answers to calls that come at once";
  }

  @Override
  public Occasion occasion() {
    return Occasion.FULL;
  }

  @Override
  public List<Result> run(TestBed bed) throws IOException, InterruptedException {
    List<Round> first = new ArrayList<>();
    List<Round> crowd = new ArrayList<>();
    PlatformServer server = bed.platform();
    try (var target = server.open(new Idle(), Protocol.HTTP_JSON, callers)) {
      for (int number = 1; number <= bed.options().rounds(); number++) {
        double warm = warm(target);
        TimeUnit.NANOSECONDS.sleep(ASLEEP.toNanos());
        Calls one = Calls.of(target, 1);
        requireCold(one.last(), warm);
        TimeUnit.NANOSECONDS.sleep(ASLEEP.toNanos());
        Calls many = Calls.of(target, callers);
        requireCold(many.last(), warm);
        first.add(round(one, warm));
        crowd.add(round(many, warm));
        bed.tell(
            String.format(
                Locale.ROOT,
                "%s %d/%d: warm %.1f ms; cold %.0f ms; %d at once: %d answered within %.0f ms",
                name,
                number,
                bed.options().rounds(),
                warm,
                one.last(),
                callers,
                many.millis().length,
                many.last()));
      }
    }
    return List.of(
        Result.of(id(), name, "ms", LIMIT, first),
        Result.of(id(), name + " " + callers + " at once", "ms", null, crowd));
  }

  /** Median of calls one after the other. */
  private static double warm(dev.millrace.benchmarks.load.Target target)
      throws IOException, InterruptedException {
    double[] millis = new double[WARM_CALLS];
    for (int i = 0; i < WARM_CALLS; i++) {
      millis[i] = Calls.of(target, 1).last();
    }
    Arrays.sort(millis);
    return millis[WARM_CALLS / 2];
  }

  private static void requireCold(double millis, double warm) throws IOException {
    if (millis < warm * COLD_FACTOR) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "the version was not unloaded: %.1f ms after a pause, %.1f ms without",
              millis,
              warm));
    }
  }

  private static Round round(Calls cold, double warm) {
    double[] sorted = cold.millis().clone();
    Arrays.sort(sorted);
    double median = sorted.length == 0 ? 0 : sorted[sorted.length / 2];
    var side =
        new Side(
            sorted.length,
            sorted.length / Math.max(1e-3, cold.last() / 1e3),
            median,
            cold.last(),
            cold.last(),
            cold.failed(),
            0,
            null,
            null,
            0,
            null,
            cold.problem());
    // A caller who is not answered is no matter of milliseconds.
    @Nullable Double value = cold.failed() == 0 ? cold.last() : null;
    return new Round(value, warm, "the loaded version", false, null, side, null, null);
  }

  /**
   * Calls that were made at once.
   *
   * @param millis of those that were answered rightly
   * @param failed the others
   * @param problem what the first of them said
   */
  private record Calls(double[] millis, int failed, @Nullable String problem) {
    static Calls of(dev.millrace.benchmarks.load.Target target, int count)
        throws InterruptedException, IOException {
      List<CompletableFuture<Double>> calls = new ArrayList<>(count);
      for (int lane = 0; lane < count; lane++) {
        var call = new CompletableFuture<Double>();
        calls.add(call);
        target.call(lane, lane, new Ending(System.nanoTime(), call));
      }
      double[] millis = new double[count];
      int answered = 0;
      String problem = null;
      for (CompletableFuture<Double> call : calls) {
        try {
          millis[answered] = call.get(ANSWER_SECONDS, TimeUnit.SECONDS);
          answered++;
        } catch (ExecutionException | TimeoutException failure) {
          problem = String.valueOf(failure.getMessage());
        }
      }
      if (answered == 0) {
        throw new IOException("no call was answered: " + problem);
      }
      return new Calls(Arrays.copyOf(millis, answered), count - answered, problem);
    }

    /** When the last one was answered. */
    double last() {
      return Arrays.stream(millis).max().orElse(0);
    }
  }

  private record Ending(long started, CompletableFuture<Double> call) implements Answered {
    @Override
    public void ok() {
      call.complete((System.nanoTime() - started) / 1e6);
    }

    @Override
    public void wrong(String why) {
      call.completeExceptionally(new IOException("wrong answer: " + why));
    }

    @Override
    public void failed(String why) {
      call.completeExceptionally(new IOException(why));
    }
  }

  /** MiniLM with weights in 8 bits, allowed a second without calls. */
  private record Idle() implements ModelWorkload {
    private static final MiniLmWorkload MINILM = new MiniLmWorkload(16);

    @Override
    public String model() {
      return "bench-minilm-q-cold";
    }

    @Override
    public List<Exchange> exchanges(Protocol protocol, String model) {
      return MINILM.exchanges(protocol, model);
    }

    @Override
    public Path write(Path folder) throws IOException {
      return MiniLm.writeInt8Model(folder);
    }

    @Override
    public Map<String, Object> serving() {
      return Map.of("idleAfter", "1s");
    }
  }
}
