package dev.millrace.benchmarks.soak;

import dev.millrace.benchmarks.server.LookupCalls;
import dev.millrace.benchmarks.wire.ServerAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Three models that come, move and go until told to stop, each on a thread of its own: one changes
 * versions, one goes back each time, one is deleted and made again, now and then with a version
 * that was never seen. One more thread calls the first two all the while: these calls must be
 * answered. Thread-safe.
 */
final class Churn implements AutoCloseable {
  private static final int FRESH_EVERY = 4;
  private static final int VERSIONS = 3;

  /**
   * A version that is moved away from stays loaded for {@code millrace.runtime.unload-delay}, five
   * seconds; whoever comes back well after that finds it gone.
   */
  private static final long UNLOAD_MILLIS = 8_000;

  private static final int FIRST_FRESH_WIDTH = 10;
  private static final long JOIN_MILLIS = 70_000;
  private static final long CALL_PAUSE_MILLIS = 20;

  private final List<MovingModel> models;
  private final LookupCalls calls;
  private final List<Thread> threads = new ArrayList<>();
  private final LongAdder cycles = new LongAdder();
  private final LongAdder watched = new LongAdder();

  /** Who had a problem, and the first that it had. */
  private final Map<String, String> problems = new LinkedHashMap<>();

  private volatile boolean stopping;
  private volatile boolean closed;

  private Churn(List<MovingModel> models, LookupCalls calls) {
    this.models = models;
    this.calls = calls;
  }

  /** Deploys the models; nothing moves yet. */
  static Churn deploy(ServerAddress address, Path folder) throws IOException, InterruptedException {
    List<MovingModel> models = new ArrayList<>();
    try {
      for (String name : List.of("soak-moves", "soak-reverts", "soak-returns")) {
        models.add(MovingModel.deploy(address, name, VERSIONS, folder));
      }
      return new Churn(List.copyOf(models), new LookupCalls(address));
    } catch (IOException | InterruptedException | RuntimeException e) {
      models.forEach(MovingModel::close);
      throw e;
    }
  }

  void start() {
    MovingModel moves = models.get(0);
    MovingModel reverts = models.get(1);
    MovingModel returns = models.get(2);
    run(
        moves.name(),
        number -> {
          moves.move();
          loaded();
        });
    run(
        reverts.name(),
        number -> {
          reverts.move();
          reverts.revert();
          reverts.move();
          loaded();
        });
    run(returns.name(), number -> comeAndGo(returns, number));
    run("calls to moving models", number -> call(number % 2 == 0 ? moves : reverts));
  }

  private void comeAndGo(MovingModel model, long number) throws IOException, InterruptedException {
    model.delete();
    Thread.sleep(UNLOAD_MILLIS);
    model.comeBack();
    loaded();
    if (number % FRESH_EVERY == 0) {
      model.passThrough(FIRST_FRESH_WIDTH + (int) (number / FRESH_EVERY));
      loaded();
    }
  }

  /** Counts, and gives what was left before this the time to be unloaded. */
  private void loaded() throws InterruptedException {
    cycles.increment();
    Thread.sleep(UNLOAD_MILLIS / (VERSIONS - 1));
  }

  private void call(MovingModel model) throws IOException, InterruptedException {
    var outcome = calls.call(model.name());
    watched.increment();
    if (!outcome.right()) {
      throw new IOException("endpoint " + model.name() + " while it moved: " + outcome);
    }
    Thread.sleep(CALL_PAUSE_MILLIS);
  }

  /** Goes on after a problem, so that one does not hide how much else would fail. */
  private void run(String name, Turn turn) {
    threads.add(
        Thread.ofPlatform()
            .name(name)
            .start(
                () -> {
                  for (long number = 1; !stopping; number++) {
                    try {
                      turn.run(number);
                    } catch (InterruptedException e) {
                      return;
                    } catch (IOException | RuntimeException e) {
                      problem(name, e);
                    }
                  }
                }));
  }

  private void problem(String name, Exception problem) {
    if (!closed) {
      synchronized (problems) {
        problems.putIfAbsent(name, String.valueOf(problem.getMessage()));
      }
    }
  }

  /** Loads and unloads so far. */
  long cycles() {
    return cycles.sum();
  }

  /** Calls to moving models so far. */
  long watched() {
    return watched.sum();
  }

  /** The first problem of each thread so far. */
  List<String> problems() {
    synchronized (problems) {
      return List.copyOf(problems.values());
    }
  }

  /** Lets every step under way come to its end; one that fails on the way there still counts. */
  void stop() throws InterruptedException {
    stopping = true;
    for (Thread thread : threads) {
      thread.join(JOIN_MILLIS);
    }
  }

  @Override
  public void close() {
    stopping = true;
    closed = true;
    threads.forEach(Thread::interrupt);
    models.forEach(MovingModel::close);
    calls.close();
  }

  private interface Turn {
    void run(long number) throws IOException, InterruptedException;
  }

  /** The first problem of any thread; null when there was none. */
  @Nullable String firstProblem() {
    List<String> all = problems();
    return all.isEmpty() ? null : all.getFirst();
  }
}
