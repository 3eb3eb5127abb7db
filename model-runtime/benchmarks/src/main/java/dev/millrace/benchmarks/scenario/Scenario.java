package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.report.Target;
import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.Workload;
import org.jspecify.annotations.Nullable;

/**
 * One measurement that can be asked for by name.
 *
 * @param id the number it has in the list of targets
 * @param name as typed on the command line
 * @param about one line for {@code --list}
 * @param quick whether {@code --quick} runs it
 * @param load what is sent, how, by how many callers
 * @param baseline what it is compared with
 * @param target the ratio to reach; null when none is set for a local baseline
 */
public record Scenario(
    String id,
    String name,
    String about,
    boolean quick,
    Load load,
    Baseline baseline,
    @Nullable Target target) {

  /**
   * What is sent, how, by how many callers.
   *
   * @param callers connections of HTTP, calls in flight of gRPC; of an open loop: of its
   *     calibration
   */
  public record Load(Workload workload, Protocol protocol, int callers, Loop loop) {}

  /** How calls follow each other. */
  public enum Loop {
    /** Each caller calls again when answered: throughput. */
    CLOSED,
    /** Calls start at a fixed rate, 70 % of what a closed loop reached: latency. */
    OPEN
  }

  /** What a scenario is compared with. */
  public enum Baseline {
    /** A server that sends back what it gets, over the scenario's protocol. */
    ECHO,
    /** ONNX Runtime in a loop at its best batch. */
    BARE_ONNX_RUNTIME
  }
}
