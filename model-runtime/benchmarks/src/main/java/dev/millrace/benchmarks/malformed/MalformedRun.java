package dev.millrace.benchmarks.malformed;

import dev.millrace.benchmarks.malformed.Verdict.End;
import dev.millrace.benchmarks.server.LookupCalls;
import dev.millrace.benchmarks.server.ModelDeployer;
import dev.millrace.benchmarks.server.ModelDeployer.Reply;
import dev.millrace.benchmarks.server.PlatformServer;
import dev.millrace.testkit.onnx.BrokenModels;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Uploads every kind of broken model and then mutations of good ones to a platform of its own, and
 * waits for the verdicts, while a good model is called there. Uploads run a little ahead of
 * admission, so that it always has work. Not thread-safe.
 */
public final class MalformedRun {
  private static final String MODEL = "malformed";
  private static final String SERVED = "served";
  private static final int WIDTH = 3;
  private static final int ROWS = 16;
  private static final int AHEAD = 6;
  private static final long POLL_MILLIS = 20;
  private static final long PATIENCE_NANOS = Duration.ofMinutes(4).toNanos();
  private static final int REFUSED = 400;
  private static final double NANOS = 1e9;

  /** A model must load and run a few times in this time; a hanging one costs no more. */
  private static final List<String> BOUNDS =
      List.of(
          "-Dmillrace.runtime.admission.timeout=20S",
          "-Dmillrace.runtime.admission.memory=1G",
          "-Dmillrace.runtime.admission.profile-time=100MS");

  private final Path home;
  private final Path folder;
  private final Plan plan;
  private final Progress progress;
  private final List<Verdict> verdicts = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final Deque<Pending> pending = new ArrayDeque<>();

  /**
   * Which models.
   *
   * @param count mutations, beside one of each kind of broken model; not negative
   * @param seed of the first; the others follow it
   */
  public record Plan(int count, long seed) {
    /** Checks the bounds. */
    public Plan {
      if (count < 0) {
        throw new IllegalArgumentException("count: " + count + " (expected: 0 or more)");
      }
    }
  }

  /** Told after each verdict. */
  public interface Progress {
    /** So many of so many are done. */
    void done(int number, int of);
  }

  private record Pending(String name, int version, long since) {}

  /** A run on the distribution under {@code home}; {@code folder} is for data and logs. */
  public MalformedRun(Path home, Path folder, Plan plan, Progress progress) {
    this.home = home;
    this.folder = folder;
    this.plan = plan;
    this.progress = progress;
  }

  /** Runs; blocks until every model has its verdict or the platform fails. */
  public MalformedReport run() throws IOException, InterruptedException {
    long begin = System.nanoTime();
    try (var platform = PlatformServer.start(home, folder.resolve("malformed"), BOUNDS);
        var control = new ModelDeployer(platform.address());
        var calls = new LookupCalls(platform.address())) {
      Path good = Files.write(folder.resolve("good.onnx"), TinyModels.gatherEmbedding(ROWS, WIDTH));
      control.deploy(SERVED, good, Map.of());
      try (var sentry = new Sentry(calls, SERVED, WIDTH)) {
        judge(models(), platform, control);
        if (sentry.problem() != null) {
          problems.add(sentry.problem());
        }
        return MalformedReport.of(
            plan.seed(), (System.nanoTime() - begin) / NANOS, verdicts, sentry, problems);
      }
    }
  }

  /** Made when they are sent: two thousand of them need not be held. */
  private Map<String, Supplier<byte[]>> models() {
    Map<String, Supplier<byte[]>> models = new LinkedHashMap<>();
    BrokenModels.all().forEach((name, onnx) -> models.put(name, () -> onnx));
    for (int i = 0; i < plan.count(); i++) {
      long seed = plan.seed() + i;
      int model = i % BrokenModels.mutable();
      models.put("mutation " + seed, () -> BrokenModels.mutated(model, seed));
    }
    return models;
  }

  private void judge(
      Map<String, Supplier<byte[]>> models, PlatformServer platform, ModelDeployer control)
      throws IOException, InterruptedException {
    for (var model : models.entrySet()) {
      if (!platform.alive()) {
        problems.add("the platform ended" + platform.logTail());
        return;
      }
      offer(model.getKey(), model.getValue().get(), control);
      while (pending.size() > AHEAD) {
        await(pending.removeFirst(), control);
        progress.done(verdicts.size(), models.size());
      }
      progress.done(verdicts.size(), models.size());
    }
    while (!pending.isEmpty()) {
      await(pending.removeFirst(), control);
      progress.done(verdicts.size(), models.size());
    }
  }

  private void offer(String name, byte[] onnx, ModelDeployer control)
      throws IOException, InterruptedException {
    Reply reply = control.offer(MODEL, onnx);
    if (reply.success()) {
      pending.add(new Pending(name, reply.body().path("version").asInt(), System.nanoTime()));
    } else if (reply.status() == REFUSED) {
      verdicts.add(new Verdict(name, End.REFUSED, reply.body().path("error").asText()));
    } else {
      none(name, "upload answered " + reply.status() + ": " + reply.body());
    }
  }

  private void await(Pending model, ModelDeployer control)
      throws IOException, InterruptedException {
    while (System.nanoTime() - model.since() < PATIENCE_NANOS) {
      Reply reply = control.version(MODEL, model.version());
      switch (reply.body().path("state").asText()) {
        case "READY" -> {
          admitted(model.name());
          return;
        }
        case "REJECTED" -> {
          verdicts.add(Verdict.rejected(model.name(), reply.body().path("reason").asText()));
          return;
        }
        default -> Thread.sleep(POLL_MILLIS);
      }
    }
    none(model.name(), "still not judged after four minutes");
  }

  private void admitted(String name) {
    verdicts.add(new Verdict(name, End.ADMITTED, ""));
    if (BrokenModels.all().containsKey(name)) {
      problems.add(name + " cannot be served and was admitted");
    }
  }

  private void none(String name, String why) {
    verdicts.add(new Verdict(name, End.NONE, why));
    problems.add(name + ": " + why);
  }
}
