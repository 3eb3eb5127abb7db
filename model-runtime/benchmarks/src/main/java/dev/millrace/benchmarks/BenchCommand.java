package dev.millrace.benchmarks;

import dev.millrace.benchmarks.report.Machine;
import dev.millrace.benchmarks.report.Report;
import dev.millrace.benchmarks.report.ReportTable;
import dev.millrace.benchmarks.report.Result;
import dev.millrace.benchmarks.scenario.RunOptions;
import dev.millrace.benchmarks.scenario.Scenario;
import dev.millrace.benchmarks.scenario.ScenarioCatalog;
import dev.millrace.benchmarks.scenario.TestBed;
import dev.millrace.benchmarks.server.Contender;
import dev.millrace.benchmarks.server.RemoteServer;
import dev.millrace.benchmarks.wire.ServerAddress;
import dev.millrace.benchmarks.workload.MiniLm;
import dev.millrace.benchmarks.workload.PictureWorkload;
import dev.millrace.benchmarks.workload.TextWorkload;
import dev.millrace.benchmarks.workload.TinyWorkload;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Measures the platform. Status 0: everything ran and no answer was wrong; 1: something failed or
 * an answer was wrong; 2: the command line is wrong. Speed never decides.
 */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Throughput and latency of this machine's build, compared with baselines in turn.",
    footer = {
      "",
      "Without scenarios: all but those that must be named, or with --quick the short list.",
      "The beginning of a name stands for all that begin with it: minilm, tiny-http.",
      "Examples:",
      "  millrace bench --quick",
      "  millrace bench tiny-grpc --rounds 5 --json grpc.json",
      "  millrace bench tiny-http-json --url http://peer:8000 --grpc peer:8001 --model tiny",
      "  millrace bench soak --minutes 10",
      "  millrace bench malformed --count 2000",
      "  millrace bench jmh Codec"
    })
final class BenchCommand implements Callable<Integer> {
  private static final int FAILURE = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SCENARIO", description = "What to measure; see --list.", arity = "0..*")
  private List<String> names = List.of();

  @Option(names = "--list", description = "Prints the scenarios and ends.")
  private boolean list;

  @Option(names = "--quick", description = "The short list, one round of 3 s each.")
  private boolean quick;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Writes the report there, with every round.")
  private @Nullable Path json;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "Counted seconds of each measurement (default: 10, with --quick 3).")
  private @Nullable Integer seconds;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Turns of server and baseline (default: 3, with --quick 1).")
  private @Nullable Integer rounds;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description =
          "Most seconds until throughput has settled, not counted (default: 60, with --quick 10).")
  private @Nullable Integer warmUp;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "Measures this server, which already serves the model, without baselines.")
  private @Nullable URI url;

  @Option(
      names = "--grpc",
      paramLabel = "HOST:PORT",
      description = "Its gRPC address (default: host and port of --url).")
  private @Nullable String grpc;

  @Option(names = "--key", paramLabel = "KEY", description = "Its API key, sent as bearer token.")
  private @Nullable String key;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "Its name of the model (default: bench-tiny, bench-minilm).")
  private @Nullable String model;

  @Option(
      names = "--pid",
      paramLabel = "PID",
      description = "Its process, when on this machine: adds CPU per request and memory.")
  private @Nullable Long pid;

  @Option(
      names = "--write-models",
      paramLabel = "DIR",
      description = "Writes the model files there, for another server to serve, and ends.")
  private @Nullable Path modelFolder;

  /** Scenarios that could not be run to their end. */
  private final List<String> failed = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    if (list) {
      printList();
      return 0;
    }
    if (modelFolder != null) {
      return writeModels(modelFolder);
    }
    List<Scenario> scenarios = scenarios();
    RunOptions options = options();
    try (var folder = new TemporaryFolder()) {
      Report report = measure(scenarios, options, folder.path());
      out().println();
      out().print(ReportTable.render(report));
      out().flush();
      if (json != null) {
        report.write(json);
      }
      return report.sane() && failed.isEmpty() ? 0 : FAILURE;
    } catch (IOException e) {
      err().println("bench: " + e.getMessage());
      return FAILURE;
    } catch (InterruptedException e) {
      err().println("bench: stopped");
      return FAILURE;
    }
  }

  private Report measure(List<Scenario> scenarios, RunOptions options, Path folder)
      throws Exception {
    Machine machine = Machine.here();
    try (TestBed bed = bed(options, folder)) {
      List<Result> results = new ArrayList<>();
      for (Scenario scenario : scenarios) {
        progress(scenario.name() + ": " + scenario.about());
        try {
          results.addAll(scenario.run(bed));
        } catch (IOException e) {
          failed.add(scenario.name());
          err().println("bench: " + scenario.name() + ": " + e.getMessage());
        }
      }
      return new Report(machine, SourceCommit.of(BenchHome.path()), results);
    }
  }

  private TestBed bed(RunOptions options, Path folder) {
    return url == null
        ? TestBed.local(options, BenchHome.path(), folder, this::progress)
        : TestBed.remote(options, folder, remote(url), this::progress);
  }

  private Contender remote(URI server) {
    String target = grpc == null ? server.getHost() + ":" + server.getPort() : grpc;
    try {
      return new RemoteServer(
          new ServerAddress(server, target, key),
          model,
          pid == null ? OptionalLong.empty() : OptionalLong.of(pid));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }

  /** What the positional arguments and --quick ask for. */
  List<Scenario> scenarios() {
    try {
      List<Scenario> chosen = chosen();
      if (url == null) {
        return chosen;
      }
      List<Scenario> aimed = chosen.stream().filter(Scenario::remote).toList();
      if (!names.isEmpty() && aimed.size() < chosen.size()) {
        throw new IllegalArgumentException(
            "not for another server: "
                + chosen.stream()
                    .filter(scenario -> !scenario.remote())
                    .map(Scenario::name)
                    .collect(Collectors.joining(", ")));
      }
      return aimed;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private List<Scenario> chosen() {
    if (names.isEmpty()) {
      return quick ? ScenarioCatalog.quick() : ScenarioCatalog.unnamed();
    }
    return ScenarioCatalog.named(names);
  }

  /** What --quick, --seconds, --rounds and --warm-up ask for. */
  RunOptions options() {
    try {
      RunOptions options = quick ? RunOptions.quick() : RunOptions.full();
      options = seconds == null ? options : options.withSeconds(seconds);
      options = warmUp == null ? options : options.withWarmUpSeconds(warmUp);
      return rounds == null ? options : options.withRounds(rounds);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }

  private int writeModels(Path folder) throws IOException {
    Files.createDirectories(folder);
    out().println(new TinyWorkload().write(folder));
    out().println(MiniLm.writeModel(folder));
    out().println(new TextWorkload().write(folder));
    out().println(new PictureWorkload().write(folder));
    return 0;
  }

  private void printList() {
    for (Scenario scenario : ScenarioCatalog.all()) {
      out()
          .printf(
              "%-4s %-26s %s%s%n",
              scenario.id(), scenario.name(), scenario.about(), note(scenario.occasion()));
    }
    command("soak", "does anything leak or fail under load? see bench soak -h");
    command("malformed", "broken models against the platform; see bench malformed -h");
    command("jmh [REGEX]", "micro-benchmarks; see bench jmh -h");
  }

  private void command(String name, String about) {
    out().printf("%-4s %-26s %s%n", "", name, about);
  }

  private static String note(Scenario.Occasion occasion) {
    return switch (occasion) {
      case QUICK -> " (quick)";
      case FULL -> "";
      case NAMED -> " (only when named)";
    };
  }

  private void progress(String line) {
    err().println("bench: " + line);
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
