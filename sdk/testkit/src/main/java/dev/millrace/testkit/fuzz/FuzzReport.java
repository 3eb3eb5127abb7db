package dev.millrace.testkit.fuzz;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What became of the requests.
 *
 * @param count how many were sent, good ones in between not counted
 * @param seed of all of them
 * @param seconds how long it took
 * @param ends how many ended how, by form and code
 * @param problems what the server did wrong, each with its number and request; at most {@link
 *     FuzzRun#MOST_PROBLEMS}
 */
public record FuzzReport(
    int count, long seed, double seconds, Map<String, Long> ends, List<String> problems) {
  /** Whether the server did nothing wrong. */
  public boolean clean() {
    return problems.isEmpty();
  }

  /** The report as text, with a line feed at its end. */
  public String table() {
    var text = new StringBuilder();
    text.append(
        String.format(Locale.ROOT, "%d requests in %.1f s, seed %d%n", count, seconds, seed));
    ends.forEach(
        (end, number) -> text.append(String.format(Locale.ROOT, "%8d  %s%n", number, end)));
    problems.forEach(problem -> text.append("problem: ").append(problem).append('\n'));
    return text.toString();
  }
}
