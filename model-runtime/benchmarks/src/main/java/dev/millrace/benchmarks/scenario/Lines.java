package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.report.Round;
import dev.millrace.benchmarks.report.Side;
import java.util.Locale;

/** What a round measured, in a line for the one who waits. */
final class Lines {
  private Lines() {}

  static String round(String which, Round round) {
    Side side = round.server();
    var text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s: %.0f req/s, p50 %.2f ms, p99 %.2f ms, %d errors, %d wrong",
            which,
            side.perSecond(),
            side.p50Millis(),
            side.p99Millis(),
            side.errors(),
            side.wrong()));
    if (round.invalid()) {
      text.append("; void: the client could not hold the rate");
    } else if (round.baseline() != null) {
      text.append(String.format(Locale.ROOT, "; baseline %.2f", round.baseline()));
    }
    return text.toString();
  }
}
