package dev.millrace.benchmarks.soak;

import dev.millrace.benchmarks.server.LookupCalls;
import dev.millrace.benchmarks.server.LookupCalls.Outcome;
import dev.millrace.benchmarks.server.ModelDeployer;
import dev.millrace.benchmarks.wire.ServerAddress;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An endpoint with a few versions whose answers differ in width, so that it can be told which one
 * answers. Closing leaves it as it is. For one thread at a time.
 */
public final class MovingModel implements AutoCloseable {
  /** Width of the answers of the first version; each further one is one wider. */
  private static final int NARROWEST = 2;

  /** 8 MiB of weights: a session that is never closed is seen in the memory of the process. */
  private static final int NUMBERS = 1 << 21;

  private static final long TIMEOUT_NANOS = Duration.ofMinutes(1).toNanos();
  private static final long POLL_MILLIS = 3;
  private static final int NOT_FOUND = 404;

  private final String name;
  private final Path folder;
  private final ModelDeployer control;
  private final LookupCalls calls;

  /** Numbers of the versions. */
  private final List<Integer> versions = new ArrayList<>();

  /** Which of them serves. */
  private int serving;

  private MovingModel(ServerAddress address, String name, Path folder) {
    this.name = name;
    this.folder = folder;
    this.control = new ModelDeployer(address);
    this.calls = new LookupCalls(address);
  }

  /**
   * Uploads the versions and waits until they can serve; the last one does.
   *
   * @param versions two or more
   */
  public static MovingModel deploy(ServerAddress address, String name, int versions, Path folder)
      throws IOException, InterruptedException {
    var model = new MovingModel(address, name, folder);
    try {
      for (int i = 0; i < versions; i++) {
        model.versions.add(model.control.upload(name, model.file(NARROWEST + i)));
      }
      for (model.serving = 0; model.serving < versions; model.serving++) {
        model.control.serve(name, model.versions.get(model.serving), Map.of());
        model.control.awaitReady(name, model.versions.get(model.serving));
        model.awaitAnswers();
      }
      model.serving = versions - 1;
      return model;
    } catch (IOException | InterruptedException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private Path file(int width) throws IOException {
    return Files.write(
        folder.resolve(name + "-" + width + ".onnx"),
        TinyModels.gatherEmbedding(NUMBERS / width, width));
  }

  String name() {
    return name;
  }

  /** Puts the endpoint on the next version and waits until that one answers. */
  public void move() throws IOException, InterruptedException {
    serving = (serving + 1) % versions.size();
    control.serve(name, versions.get(serving), Map.of());
    awaitAnswers();
  }

  /** Takes the last {@link #move} back. */
  void revert() throws IOException, InterruptedException {
    serving = Math.floorMod(serving - 1, versions.size());
    control.revert(name);
    awaitAnswers();
  }

  /** Deletes the endpoint and waits until it is gone. */
  void delete() throws IOException, InterruptedException {
    control.delete(name);
    await("end of it", outcome -> outcome.status() == NOT_FOUND);
  }

  /** Makes the endpoint again after {@link #delete}. */
  void comeBack() throws IOException, InterruptedException {
    control.serve(name, versions.get(serving), Map.of());
    awaitAnswers();
  }

  /**
   * Uploads one more version, which is admitted in a child process, serves it, goes back and
   * deletes it again.
   *
   * @param width of its answers; one that was not used before
   */
  void passThrough(int width) throws IOException, InterruptedException {
    int version = control.upload(name, file(width));
    Files.delete(folder.resolve(name + "-" + width + ".onnx"));
    control.serve(name, version, Map.of());
    await("version " + version, outcome -> outcome.isFrom(width));
    comeBack();
    control.deleteVersion(name, version);
  }

  private void awaitAnswers() throws IOException, InterruptedException {
    int width = NARROWEST + serving;
    await("answer of version " + versions.get(serving), outcome -> outcome.isFrom(width));
  }

  private void await(String what, Expectation expectation)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TIMEOUT_NANOS;
    Outcome outcome = calls.call(name);
    while (!expectation.holds(outcome)) {
      if (outcome.width() < 0) {
        throw new IOException("endpoint " + name + ": " + outcome);
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(
            "endpoint " + name + ": no " + what + " within a minute, but " + outcome);
      }
      Thread.sleep(POLL_MILLIS);
      outcome = calls.call(name);
    }
  }

  @Override
  public void close() {
    calls.close();
    control.close();
  }

  private interface Expectation {
    boolean holds(Outcome outcome);
  }
}
