package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.report.Target;
import dev.millrace.benchmarks.scenario.LoadScenario.Baseline;
import dev.millrace.benchmarks.scenario.LoadScenario.Loop;
import dev.millrace.benchmarks.scenario.Scenario.Occasion;
import dev.millrace.benchmarks.workload.MiniLmWorkload;
import dev.millrace.benchmarks.workload.PictureWorkload;
import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.TextWorkload;
import dev.millrace.benchmarks.workload.TinyWorkload;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Every scenario there is, in the order they run. */
public final class ScenarioCatalog {
  private static final TinyWorkload TINY = new TinyWorkload();
  private static final MiniLmWorkload MINILM = new MiniLmWorkload(16);
  private static final int FEW_CALLERS = 4;
  private static final int CALLERS = 16;
  private static final int MANY_CALLERS = 64;
  private static final int CROWD = 200;

  /** A tiny tensor, and a picture of 3×224×224 FP32. */
  private static final int SMALL = 100;

  private static final int LARGE = 602_112;
  private static final Target ECHO_TARGET = Target.atLeast(0.6, "bare Vert.x echo");
  private static final Target ONNX_TARGET = Target.atLeast(0.92, "bare ONNX Runtime");

  private static final List<Scenario> ALL =
      List.of(
          tiny("P1", "tiny-http-json", Protocol.HTTP_JSON, CALLERS, Occasion.QUICK),
          tiny("P1", "tiny-http-binary", Protocol.HTTP_BINARY, CALLERS, Occasion.QUICK),
          tiny("P1", "tiny-http-json-64", Protocol.HTTP_JSON, MANY_CALLERS, Occasion.FULL),
          tiny("P1", "tiny-http-binary-64", Protocol.HTTP_BINARY, MANY_CALLERS, Occasion.FULL),
          tiny("P2", "tiny-grpc", Protocol.GRPC, CALLERS, Occasion.QUICK),
          tiny("P2", "tiny-grpc-1", Protocol.GRPC, 1, Occasion.FULL),
          minilm("minilm-http-json", Protocol.HTTP_JSON),
          minilm("minilm-grpc", Protocol.GRPC),
          new MixedLengthScenario("minilm-mixed", MANY_CALLERS),
          text(),
          new CachedTextScenario("text-embeddings-cached", CALLERS),
          picture("picture-http-json", Protocol.HTTP_JSON, Baseline.SINK),
          picture("picture-http-binary", Protocol.HTTP_BINARY, Baseline.SINK),
          picture("json-and-jackson", Protocol.HTTP_JSON, Baseline.JACKSON),
          picture("json-and-echo", Protocol.HTTP_JSON, Baseline.ECHO),
          open("tiny-http-json-open", Protocol.HTTP_JSON, Occasion.QUICK),
          open("tiny-grpc-open", Protocol.GRPC, Occasion.FULL),
          new MixedLengthOpenScenario("mixed-open", MANY_CALLERS),
          new ColdStartScenario("minilm-cold", CROWD),
          new TelemetryScenario("telemetry-cost", CALLERS),
          new StartScenario("start-up", CALLERS),
          new LoadCyclesScenario("load-cycles"),
          new PassThroughScenario("grpc-pass-through-small-1", SMALL, 1),
          new PassThroughScenario("grpc-pass-through-small-16", SMALL, CALLERS),
          new PassThroughScenario("grpc-pass-through-large-1", LARGE, 1),
          new PassThroughScenario("grpc-pass-through-large-16", LARGE, CALLERS));

  private ScenarioCatalog() {}

  /** All scenarios. */
  public static List<Scenario> all() {
    return ALL;
  }

  /** What runs when nothing is named. */
  public static List<Scenario> unnamed() {
    return ALL.stream().filter(scenario -> scenario.occasion() != Occasion.NAMED).toList();
  }

  /** The scenarios of {@code --quick}. */
  public static List<Scenario> quick() {
    return ALL.stream().filter(scenario -> scenario.occasion() == Occasion.QUICK).toList();
  }

  /**
   * The scenarios of these names, in the order of the list. The beginning of a name up to a dash
   * stands for all that begin with it.
   *
   * @throws IllegalArgumentException when a name is unknown; the message lists the known ones
   */
  public static List<Scenario> named(List<String> names) {
    List<String> unknown = new ArrayList<>(names);
    unknown.removeIf(name -> ALL.stream().anyMatch(scenario -> isMeant(scenario, name)));
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(unknownNames(unknown));
    }
    return ALL.stream()
        .filter(scenario -> names.stream().anyMatch(name -> isMeant(scenario, name)))
        .toList();
  }

  /** Everything that {@link #named} takes. */
  private static List<String> namesAndBeginnings() {
    List<String> all = new ArrayList<>();
    for (Scenario scenario : ALL) {
      String name = scenario.name();
      for (int dash = name.indexOf('-'); dash > 0; dash = name.indexOf('-', dash + 1)) {
        all.add(name.substring(0, dash));
      }
      all.add(name);
    }
    return all;
  }

  private static String unknownNames(List<String> unknown) {
    List<String> known = ALL.stream().map(Scenario::name).toList();
    String near =
        unknown.stream()
            .flatMap(name -> Nearest.to(name, namesAndBeginnings()).stream())
            .distinct()
            .collect(Collectors.joining(" or "));
    return "no scenario is called "
        + String.join(", ", unknown)
        + (near.isEmpty() ? "" : "; did you mean " + near + "?")
        + " (known: "
        + String.join(", ", known)
        + "; soak, malformed, jmh)";
  }

  /** A name that is itself one means nothing else: {@code tiny-grpc} is not {@code tiny-grpc-1}. */
  private static boolean isMeant(Scenario scenario, String name) {
    boolean exact = ALL.stream().anyMatch(known -> known.name().equals(name));
    return exact ? scenario.name().equals(name) : scenario.name().startsWith(name + "-");
  }

  private static Scenario tiny(
      String id, String name, Protocol protocol, int callers, Occasion occasion) {
    @Nullable Target target = protocol.http() ? ECHO_TARGET : null;
    String about =
        "linear model 4 → 3, "
            + label(protocol)
            + ", "
            + callers
            + (protocol.http() ? " connections" : " in flight")
            + ", closed loop";
    return new LoadScenario(
        id,
        name,
        about,
        occasion,
        new Load(TINY, protocol, callers),
        Loop.CLOSED,
        Baseline.ECHO,
        target);
  }

  private static Scenario minilm(String name, Protocol protocol) {
    String about =
        "MiniLM, "
            + MINILM.tokens()
            + " tokens each, "
            + label(protocol)
            + ", "
            + CALLERS
            + " callers, closed loop";
    return new LoadScenario(
        "P3",
        name,
        about,
        Occasion.QUICK,
        new Load(MINILM, protocol, CALLERS),
        Loop.CLOSED,
        Baseline.BARE_ONNX_RUNTIME,
        ONNX_TARGET);
  }

  private static Scenario text() {
    return new LoadScenario(
        "P5",
        "text-embeddings",
        "sentences in, embeddings out (tokenize, MiniLM, pool), some sentences often, "
            + CALLERS
            + " connections, closed loop",
        Occasion.FULL,
        new Load(new TextWorkload(), Protocol.HTTP_JSON, CALLERS),
        Loop.CLOSED,
        Baseline.BARE_ONNX_RUNTIME,
        null);
  }

  private static Scenario picture(String name, Protocol protocol, Baseline baseline) {
    return new LoadScenario(
        "P7",
        name,
        "3×224×224 FP32 in, three means out, " + label(protocol) + ", 4 connections, closed loop",
        baseline == Baseline.SINK ? Occasion.FULL : Occasion.NAMED,
        new Load(new PictureWorkload(), protocol, FEW_CALLERS),
        Loop.CLOSED,
        baseline,
        null);
  }

  private static Scenario open(String name, Protocol protocol, Occasion occasion) {
    String about =
        "linear model 4 → 3, " + label(protocol) + ", arrivals at 70 % of the closed loop's rate";
    return new LoadScenario(
        "P8",
        name,
        about,
        occasion,
        new Load(TINY, protocol, CALLERS),
        Loop.OPEN,
        Baseline.ECHO,
        null);
  }

  private static String label(Protocol protocol) {
    return switch (protocol) {
      case HTTP_JSON -> "HTTP JSON";
      case HTTP_BINARY -> "HTTP binary tensors";
      case GRPC -> "gRPC raw contents";
    };
  }
}
