package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Progress;
import dev.millrace.cli.Table;
import dev.millrace.cli.Terminal;
import dev.millrace.client.ControlClient;
import dev.millrace.protocol.control.Profile;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace profile NAME [VERSION]}. */
@Command(
    name = "profile",
    description = "Shows what was measured of a version when it was admitted.",
    footer = {
      "",
      "Latency is of one execution in ONNX Runtime, without queue and network. Batching and padding",
      "are used only where they were seen not to change results."
    })
final class ProfileCommand extends ClientCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The model.")
  private String name = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "VERSION",
      description = "The version; the latest when absent.")
  private @Nullable Integer version;

  @Option(
      names = "--hardware-class",
      paramLabel = "CLASS",
      description = "Of which runtimes; the class measured last when absent.")
  private @Nullable String hardwareClass;

  ProfileCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() {
    return ask(
        control -> {
          int number = version == null ? control.model(name).latestVersion() : version;
          Profile profile = profile(control, number);
          if (options().json()) {
            printJson(profile);
          } else {
            print(number, profile);
          }
          return ExitCode.OK;
        });
  }

  private Profile profile(ControlClient control, int number) {
    return hardwareClass == null
        ? control.profile(name, number)
        : control.profile(name, number, hardwareClass);
  }

  private void print(int number, Profile profile) {
    var footprint = profile.footprint();
    var recommended = profile.recommended();
    say(name + " version " + number + "  on " + profile.hardwareClass());
    say("  load           " + footprint.loadMillis() + " ms");
    say("  memory         " + memory(footprint));
    say("  batching       " + invariance(profile.batching()));
    if (!profile.mayBatch()) {
      say("                 calls run one by one; serving.maxBatch of an endpoint allows batches");
    }
    say("  padding        " + invariance(profile.padding()));
    say("  deterministic  " + word(profile.deterministic()));
    say(
        "  recommended    batch "
            + recommended.batch()
            + ", instances "
            + recommended.instances()
            + " × threads "
            + recommended.intraOpThreads());
    for (String leftOut : profile.notMeasured()) {
      say("  not measured   " + leftOut);
    }
    printLatency(profile);
    say(terminal().faint("  ONNX Runtime " + profile.onnxRuntime() + ", " + profile.measuredAt()));
  }

  private void printLatency(Profile profile) {
    if (profile.latency().isEmpty()) {
      return;
    }
    say("");
    String axis = profile.lengthAxis();
    var table =
        axis == null
            ? new Table("BATCH", "P50 MS", "P99 MS", "ROWS/S")
            : new Table("BATCH", axis.toUpperCase(Locale.ROOT), "P50 MS", "P99 MS", "ROWS/S");
    for (Profile.Latency cell : profile.latency()) {
      String p50 = millis(cell.p50Micros());
      String p99 = millis(cell.p99Micros());
      long rate = Math.round(cell.batch() * 1e6 / Math.max(1, cell.p50Micros()));
      if (axis == null) {
        table.row(cell.batch(), p50, p99, rate);
      } else {
        table.row(cell.batch(), cell.length(), p50, p99, rate);
      }
    }
    table.print(terminal().out());
    say("");
  }

  private static String memory(Profile.Footprint footprint) {
    return footprint.residentBytes() == 0 && footprint.peakBytes() == 0
        ? "unknown"
        : Progress.size(footprint.residentBytes())
            + " loaded, "
            + Progress.size(footprint.peakBytes())
            + " at most while running";
  }

  private static String invariance(Profile.Invariance found) {
    String text =
        switch (found.holds()) {
          case YES -> "safe (largest difference " + difference(found) + ")";
          case NO -> "changes results (largest difference " + difference(found) + ")";
          case UNKNOWN -> "unknown";
        };
    return found.note() == null ? text : text + ": " + found.note();
  }

  private static String difference(Profile.Invariance found) {
    double largest = found.largestDifference();
    return largest == 0 ? "0" : String.format(Locale.ROOT, "%.1e", largest);
  }

  private static String word(Profile.Finding finding) {
    return finding.name().toLowerCase(Locale.ROOT);
  }

  private static String millis(long micros) {
    return String.format(Locale.ROOT, "%.3f", micros / 1000.0);
  }
}
