package dev.millrace.runtime.engine.admission;

import dev.millrace.runtime.engine.SessionSettings;
import java.time.Duration;
import java.util.Map;

/**
 * How a version is measured.
 *
 * @param hardwareClass what the measurement is valid for
 * @param threads that executions of one version may use together, at least 1; an {@code
 *     intra_op_threads} among the options goes before it
 * @param profileTime how long measuring may take after the model was loaded and run once; what is
 *     not measured by then stays unknown
 * @param engine options of the session by name, as {@link SessionSettings#of} reads them: those
 *     that versions are served with where nobody says otherwise
 * @param bounds of the probe as a whole
 */
public record ProbeOptions(
    String hardwareClass,
    int threads,
    Duration profileTime,
    Map<String, String> engine,
    Bounds bounds) {

  /**
   * What ends a probe without a verdict. What a verdict does not need is left out where it would
   * come near to it.
   *
   * @param time from the beginning
   * @param memoryBytes with the model
   */
  public record Bounds(Duration time, long memoryBytes) {
    /** Nothing ends it. */
    public static final Bounds NONE = new Bounds(Duration.ofDays(1), Long.MAX_VALUE);
  }

  public ProbeOptions {
    engine = Map.copyOf(engine);
    SessionSettings.of(engine);
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads + " (expected: at least 1)");
    }
    if (profileTime.isNegative()) {
      throw new IllegalArgumentException(
          "profileTime: " + profileTime + " (expected: zero or more)");
    }
  }

  /** Without bounds. */
  public ProbeOptions(
      String hardwareClass, int threads, Duration profileTime, Map<String, String> engine) {
    this(hardwareClass, threads, profileTime, engine, Bounds.NONE);
  }

  /** With the engine's own session options. */
  public ProbeOptions(String hardwareClass, int threads, Duration profileTime) {
    this(hardwareClass, threads, profileTime, Map.of());
  }

  /** The same within bounds. */
  ProbeOptions within(Bounds others) {
    return new ProbeOptions(hardwareClass, threads, profileTime, engine, others);
  }

  /** What the version is loaded with, as one instance. */
  SessionSettings session() {
    SessionSettings settings = SessionSettings.of(engine).withInstances(1);
    return settings.threads().intraOp() == null ? settings.withIntraOpThreads(threads) : settings;
  }

  /** Whether somebody has already decided how the threads are divided. */
  boolean threadsAreGiven() {
    return SessionSettings.of(engine).threads().intraOp() != null;
  }
}
