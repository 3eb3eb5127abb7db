package dev.millrace.benchmarks.malformed;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.millrace.benchmarks.malformed.Verdict.End;
import dev.millrace.protocol.control.ControlJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What became of the broken models, and of the platform.
 *
 * @param models how many were tried
 * @param seed of the first mutation
 * @param seconds how long it took
 * @param ends how many ended how
 * @param reasons the most frequent ones, each with its number
 * @param harmful names of those that crashed, hung or filled the admission process
 * @param calls to the model that was served meanwhile, all of which must be right
 * @param slowestCallMillis the longest of them
 * @param problems what went wrong; empty when nothing did
 */
public record MalformedReport(
    int models,
    long seed,
    double seconds,
    Map<String, Long> ends,
    Map<String, Long> reasons,
    List<String> harmful,
    long calls,
    double slowestCallMillis,
    List<String> problems) {
  private static final int REASONS = 20;
  private static final ObjectMapper JSON =
      ControlJson.strict().copy().enable(SerializationFeature.INDENT_OUTPUT);

  static MalformedReport of(
      long seed, double seconds, List<Verdict> verdicts, Sentry sentry, List<String> problems) {
    Map<End, Long> ends = new EnumMap<>(End.class);
    Map<String, Long> reasons = new TreeMap<>();
    for (Verdict verdict : verdicts) {
      ends.merge(verdict.end(), 1L, Long::sum);
      if (verdict.end() != End.ADMITTED) {
        reasons.merge(verdict.end().words() + ": " + verdict.kind(), 1L, Long::sum);
      }
    }
    Map<String, Long> words = new LinkedHashMap<>();
    ends.forEach((end, number) -> words.put(end.words(), number));
    return new MalformedReport(
        verdicts.size(),
        seed,
        seconds,
        words,
        mostFrequent(reasons),
        verdicts.stream()
            .filter(MalformedReport::harmful)
            .map(verdict -> verdict.name() + ": " + verdict.reason())
            .toList(),
        sentry.calls(),
        sentry.slowestMillis(),
        problems);
  }

  private static boolean harmful(Verdict verdict) {
    return verdict.end() == End.CRASHED
        || verdict.end() == End.TIMED_OUT
        || verdict.end() == End.TOO_LARGE;
  }

  private static Map<String, Long> mostFrequent(Map<String, Long> reasons) {
    return reasons.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
        .limit(REASONS)
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, LinkedHashMap::new));
  }

  /** Whether every model got a verdict and serving did not notice. */
  @JsonIgnore
  public boolean passed() {
    return problems.isEmpty();
  }

  /** Writes the report as JSON. */
  public void write(Path file) throws IOException {
    JSON.writeValue(file.toFile(), this);
  }

  /** The report as text, with a line feed at its end. */
  public String table() {
    var text = new StringBuilder();
    text.append(
        String.format(Locale.ROOT, "%d models in %.0f s, first seed %d%n", models, seconds, seed));
    ends.forEach(
        (end, number) -> text.append(String.format(Locale.ROOT, "%7d  %s%n", number, end)));
    text.append(
        String.format(
            Locale.ROOT,
            "%nserved meanwhile: %d calls, the slowest took %.0f ms%n",
            calls,
            slowestCallMillis));
    text.append("\nmost frequent reasons:\n");
    reasons.forEach(
        (reason, number) -> text.append(String.format(Locale.ROOT, "%7d  %s%n", number, reason)));
    harmful.forEach(line -> text.append("stopped: ").append(line).append('\n'));
    problems.forEach(problem -> text.append("problem: ").append(problem).append('\n'));
    return text.toString();
  }
}
