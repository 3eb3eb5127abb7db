package dev.millrace.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A report as text: one line for each result, then what a reader must know to read it. */
public final class ReportTable {
  private static final List<String> HEADER =
      List.of(
          "id",
          "scenario",
          "value",
          "unit",
          "p50 ms",
          "p99 ms",
          "p99.9 ms",
          "errors",
          "wrong",
          "cpu ms/req",
          "rss MiB",
          "baseline",
          "ratio",
          "target",
          "met");
  private static final String NONE = "–";
  private static final int FIRST_NUMBER = 2;
  private static final int FIRST_TEXT = HEADER.size() - 2;

  private ReportTable() {}

  /** The table, with a line feed at its end. */
  public static String render(Report report) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEADER);
    report.results().forEach(result -> rows.add(row(result)));
    var text = new StringBuilder();
    for (List<String> row : rows) {
      text.append(line(row, widths(rows)).stripTrailing()).append('\n');
    }
    return text.append(notes(report)).toString();
  }

  private static List<String> row(Result result) {
    return List.of(
        result.id(),
        result.name(),
        number(result.value()),
        result.unit(),
        number(median(result, Side::p50Millis)),
        number(median(result, Side::p99Millis)),
        number(median(result, Side::p999Millis)),
        Long.toString(sum(result, Side::errors)),
        Long.toString(sum(result, Side::wrong)),
        number(median(result, Side::cpuMillisPerRequest)),
        number(median(result, ReportTable::residentMiB)),
        number(result.baseline()),
        number(result.ratio()),
        Objects.requireNonNullElse(result.target(), NONE),
        met(result));
  }

  private static String met(Result result) {
    if (!result.rounds().isEmpty() && result.rounds().stream().allMatch(Round::invalid)) {
      return "void";
    }
    if (result.met() == null) {
      return NONE;
    }
    return result.met() ? "yes" : "no";
  }

  private static String notes(Report report) {
    var text = new StringBuilder("\n");
    for (Result result : report.results()) {
      result.rounds().stream()
          .filter(round -> round.against() != null)
          .findFirst()
          .ifPresent(
              round ->
                  text.append("baseline of ")
                      .append(result.name())
                      .append(": ")
                      .append(round.against())
                      .append('\n'));
      for (Round round : result.rounds()) {
        String problem = round.server().problem();
        if (problem != null) {
          text.append("problem in ")
              .append(result.name())
              .append(": ")
              .append(problem)
              .append('\n');
          break;
        }
      }
    }
    Machine machine = report.machine();
    if (machine.busy()) {
      text.append(
          "this machine was busy with other work: take these figures for nothing but a trial\n");
    }
    return text.append("Triton: not measured here\n")
        .append(
            String.format(
                Locale.ROOT,
                "machine: %s, %d cores, load %.1f, %s %s, Java %s; commit %s%n",
                machine.cpu(),
                machine.cores(),
                machine.loadAverage(),
                machine.os(),
                machine.arch(),
                machine.java(),
                report.commit()))
        .toString();
  }

  private static @Nullable Double median(Result result, Function<Side, @Nullable Double> figure) {
    return Result.median(result.rounds(), round -> figure.apply(round.server()));
  }

  private static long sum(Result result, Function<Side, Long> figure) {
    return result.rounds().stream().mapToLong(round -> figure.apply(round.server())).sum();
  }

  private static @Nullable Double residentMiB(Side side) {
    Long bytes = side.residentBytes();
    return bytes == null ? null : (double) (bytes >> 20);
  }

  /** Three significant digits are more than a shared machine can promise. */
  static String number(@Nullable Double value) {
    if (value == null) {
      return NONE;
    }
    int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  private static int[] widths(List<List<String>> rows) {
    var widths = new int[HEADER.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return widths;
  }

  private static String line(List<String> row, int[] widths) {
    var line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      boolean number = i >= FIRST_NUMBER && i < FIRST_TEXT && i != FIRST_NUMBER + 1;
      String padding = " ".repeat(widths[i] - row.get(i).length());
      line.append(number ? padding + row.get(i) : row.get(i) + padding).append("  ");
    }
    return line.toString();
  }
}
