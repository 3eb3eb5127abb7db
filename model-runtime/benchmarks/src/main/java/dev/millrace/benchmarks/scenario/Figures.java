package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.load.LoadResult;
import org.jspecify.annotations.Nullable;

/** What can be read off a result, and whether it may be. */
final class Figures {
  private Figures() {}

  /** A latency in milliseconds; null when the client could not hold its rate or nothing came. */
  static @Nullable Double percentile(LoadResult result, double percent) {
    return held(result) && result.answers() > 0 ? result.latencyMillis(percent) : null;
  }

  /** Whether the client kept its schedule, if it had one. */
  static boolean held(LoadResult result) {
    var injection = result.injection();
    return injection == null || injection.held();
  }
}
