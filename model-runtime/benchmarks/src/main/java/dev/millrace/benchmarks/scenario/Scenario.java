package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.report.Result;
import java.io.IOException;
import java.util.List;

/** A measurement that can be asked for by name. Immutable. */
public interface Scenario {
  /** The number it has in the list of targets; or of the decision it is for. */
  String id();

  /** As typed on the command line. */
  String name();

  /** One line for {@code --list}. */
  String about();

  /** When it runs. */
  Occasion occasion();

  /** Whether it can be aimed at a server that somebody else runs. */
  default boolean remote() {
    return false;
  }

  /**
   * Measures; blocks.
   *
   * @throws IOException when something that it needs does not work, saying what
   */
  List<Result> run(TestBed bed) throws IOException, InterruptedException;

  /** When a scenario runs without being named. */
  enum Occasion {
    /** In every run, with {@code --quick} too. */
    QUICK,
    /** In every run but a quick one. */
    FULL,
    /** Only when it is named: it takes long, or is for a question that is not asked every day. */
    NAMED
  }
}
