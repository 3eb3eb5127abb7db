package dev.millrace.benchmarks.soak;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.millrace.benchmarks.report.Machine;
import dev.millrace.benchmarks.vitals.Growth;
import dev.millrace.protocol.control.ControlJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * How a soak run went.
 *
 * @param machine where
 * @param commit of which sources
 * @param minutes how long, warm-up excluded
 * @param load what was asked of the tiny model
 * @param cycles loads of the moving models; as many unloads
 * @param watched calls to moving models that had to be answered while they moved
 * @param growth each quantity of the process
 * @param problems what went wrong, the first of each kind; empty when nothing did
 */
public record SoakReport(
    Machine machine,
    String commit,
    double minutes,
    Offered load,
    long cycles,
    long watched,
    List<Growth> growth,
    List<String> problems) {
  private static final ObjectMapper JSON =
      ControlJson.strict().copy().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * What the load client saw.
   *
   * @param capacityPerSecond measured before, in a closed loop
   * @param offeredPerSecond arrivals of the open loop
   * @param answers right ones
   * @param errors calls without an answer
   * @param wrong answers to something else
   * @param p50Millis from the intended start
   * @param p99Millis from the intended start
   */
  public record Offered(
      double capacityPerSecond,
      double offeredPerSecond,
      long answers,
      long errors,
      long wrong,
      double p50Millis,
      double p99Millis) {}

  /** Whether nothing failed and nothing grew. Speed plays no part in it. */
  @JsonIgnore
  public boolean passed() {
    return problems.isEmpty() && growth.stream().noneMatch(Growth::leaks);
  }

  /** Writes the report as JSON. */
  public void write(Path file) throws IOException {
    JSON.writeValue(file.toFile(), this);
  }

  /** The report as text, with a line feed at its end. */
  public String table() {
    var text = new StringBuilder();
    line(
        text,
        "%.1f min at %.0f req/s (%.0f req/s at most): %d right answers, %d errors, %d wrong; p50"
            + " %.2f ms, p99 %.2f ms",
        minutes,
        load.offeredPerSecond(),
        load.capacityPerSecond(),
        load.answers(),
        load.errors(),
        load.wrong(),
        load.p50Millis(),
        load.p99Millis());
    line(
        text,
        "%d loads and unloads of three models, %d calls to them while they moved",
        cycles,
        watched);
    line(text, "");
    line(
        text,
        "%-22s %9s %9s  %-26s %12s %9s  %s",
        "",
        "first",
        "last",
        "an hour",
        "a cycle",
        "allowed",
        "leaks");
    for (Growth each : growth) {
      line(
          text,
          "%-22s %9.1f %9.1f  %-26s %12.4f %9.1f  %s",
          each.name(),
          each.first(),
          each.last(),
          String.format(
              Locale.ROOT, "%+.1f ± %.1f %s", each.perHour(), each.perHourError(), each.unit()),
          each.perCycle(),
          each.allowed(),
          each.leaks() ? "YES" : "no");
    }
    problems.forEach(problem -> line(text, "problem: %s", problem));
    line(
        text,
        "machine: %s, %d cores, load %.1f; commit %s",
        machine.cpu(),
        machine.cores(),
        machine.loadAverage(),
        commit);
    return text.toString();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
  }
}
