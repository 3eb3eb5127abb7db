package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.report.Target;
import dev.millrace.benchmarks.scenario.Scenario.Baseline;
import dev.millrace.benchmarks.scenario.Scenario.Load;
import dev.millrace.benchmarks.scenario.Scenario.Loop;
import dev.millrace.benchmarks.workload.MiniLmWorkload;
import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.TinyWorkload;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Every scenario there is, in the order they run. */
public final class ScenarioCatalog {
  private static final TinyWorkload TINY = new TinyWorkload();
  private static final MiniLmWorkload MINILM = new MiniLmWorkload(16);
  private static final int CALLERS = 16;
  private static final int MANY_CALLERS = 64;
  private static final Target ECHO_TARGET = new Target(0.6, "bare Vert.x echo");
  private static final Target ONNX_TARGET = new Target(0.92, "bare ONNX Runtime");

  private static final List<Scenario> ALL =
      List.of(
          tiny("P1", "tiny-http-json", Protocol.HTTP_JSON, CALLERS, true),
          tiny("P1", "tiny-http-binary", Protocol.HTTP_BINARY, CALLERS, true),
          tiny("P1", "tiny-http-json-64", Protocol.HTTP_JSON, MANY_CALLERS, false),
          tiny("P1", "tiny-http-binary-64", Protocol.HTTP_BINARY, MANY_CALLERS, false),
          tiny("P2", "tiny-grpc", Protocol.GRPC, CALLERS, true),
          tiny("P2", "tiny-grpc-1", Protocol.GRPC, 1, false),
          minilm("minilm-http-json", Protocol.HTTP_JSON),
          minilm("minilm-grpc", Protocol.GRPC),
          open("tiny-http-json-open", Protocol.HTTP_JSON, true),
          open("tiny-grpc-open", Protocol.GRPC, false));

  private ScenarioCatalog() {}

  /** All scenarios. */
  public static List<Scenario> all() {
    return ALL;
  }

  /** The scenarios of {@code --quick}. */
  public static List<Scenario> quick() {
    return ALL.stream().filter(Scenario::quick).toList();
  }

  /**
   * The scenarios of these names, in the order of the list.
   *
   * @throws IllegalArgumentException when a name is unknown; the message lists the known ones
   */
  public static List<Scenario> named(List<String> names) {
    List<String> unknown = new ArrayList<>(names);
    unknown.removeIf(name -> byName(name).isPresent());
    if (!unknown.isEmpty()) {
      String known = ALL.stream().map(Scenario::name).collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          "no scenario is called " + String.join(", ", unknown) + " (known: " + known + ", jmh)");
    }
    return ALL.stream().filter(scenario -> names.contains(scenario.name())).toList();
  }

  private static Optional<Scenario> byName(String name) {
    return ALL.stream().filter(scenario -> scenario.name().equals(name)).findFirst();
  }

  private static Scenario tiny(
      String id, String name, Protocol protocol, int callers, boolean quick) {
    @Nullable Target target = protocol.http() ? ECHO_TARGET : null;
    String about =
        "linear model 4 → 3, "
            + label(protocol)
            + ", "
            + callers
            + (protocol.http() ? " connections" : " in flight")
            + ", closed loop";
    return new Scenario(
        id,
        name,
        about,
        quick,
        new Load(TINY, protocol, callers, Loop.CLOSED),
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
    return new Scenario(
        "P3",
        name,
        about,
        true,
        new Load(MINILM, protocol, CALLERS, Loop.CLOSED),
        Baseline.BARE_ONNX_RUNTIME,
        ONNX_TARGET);
  }

  private static Scenario open(String name, Protocol protocol, boolean quick) {
    String about =
        "linear model 4 → 3, " + label(protocol) + ", arrivals at 70 % of the closed loop's rate";
    return new Scenario(
        "P8",
        name,
        about,
        quick,
        new Load(TINY, protocol, CALLERS, Loop.OPEN),
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
