package dev.millrace.runtime.engine;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one version asks for.
 *
 * @param instances sessions that run side by side, 1 to 64; each holds its own copy of the weights
 * @param threads who computes
 * @param graph how ONNX Runtime prepares the graph and its memory
 * @param device where it computes
 * @param config further keys of ONNX Runtime's session configuration, see {@link SessionConfig}
 */
public record SessionSettings(
    int instances, Threads threads, Graph graph, Device device, Map<String, String> config) {

  /** One session with the engine's threads on the processor, fully optimized. */
  public static final SessionSettings DEFAULT =
      new SessionSettings(1, Threads.DEFAULT, Graph.DEFAULT, Device.CPU, Map.of());

  private static final int MAX_INSTANCES = 64;
  private static final int MAX_THREADS = 1_024;

  public SessionSettings {
    EngineOptions.require(
        instances >= 1 && instances <= MAX_INSTANCES, "instances", instances, "1 to 64");
    config = Map.copyOf(config);
    config.forEach(SessionConfig::check);
  }

  /**
   * The settings that named options ask for, what they leave out as in {@link #DEFAULT}.
   *
   * @param options by name, in any of the forms {@code intra_op_threads}, {@code intra-op-threads}
   *     and {@code intraOpThreads}; see {@link SettingsReader} for the list
   * @throws IllegalArgumentException naming the option, its value and what was expected; for an
   *     unknown option the nearest known one
   */
  public static SessionSettings of(Map<String, String> options) {
    return new SettingsReader(options).read();
  }

  /** The same with other threads inside one operator. */
  public SessionSettings withIntraOpThreads(int count) {
    return new SessionSettings(
        instances,
        new Threads(
            count, threads.interOp, threads.spinning, threads.mode, threads.dynamicBlockBase),
        graph,
        device,
        config);
  }

  /** The same with other instances. */
  public SessionSettings withInstances(int count) {
    return new SessionSettings(count, threads, graph, device, config);
  }

  /** Whether independent branches of the graph run side by side. */
  public enum ExecutionMode {
    SEQUENTIAL,
    PARALLEL
  }

  /** How far ONNX Runtime rewrites the graph; every level includes those before it. */
  public enum Optimization {
    NONE,
    BASIC,
    EXTENDED,
    ALL
  }

  /**
   * Who computes; null means the engine's own option.
   *
   * @param intraOp threads inside one operator, 1 to 1024; the session then has its own pool even
   *     where the engine has a global one
   * @param interOp operators run side by side, 1 to 1024; only used in parallel mode
   * @param spinning whether idle threads burn a core while they wait
   * @param mode whether independent branches run side by side
   * @param dynamicBlockBase work is split into this many shrinking blocks a thread, 0 to 1000, so
   *     that one slow core does not hold up the operator; 0 splits evenly
   */
  public record Threads(
      @Nullable Integer intraOp,
      @Nullable Integer interOp,
      @Nullable Boolean spinning,
      ExecutionMode mode,
      int dynamicBlockBase) {

    /** The engine's threads, one operator after the other. */
    public static final Threads DEFAULT =
        new Threads(null, null, null, ExecutionMode.SEQUENTIAL, 4);

    public Threads {
      requireThreads("intra_op_threads", intraOp);
      requireThreads("inter_op_threads", interOp);
      EngineOptions.require(
          dynamicBlockBase >= 0 && dynamicBlockBase <= 1_000,
          "dynamic_block_base",
          dynamicBlockBase,
          "0 to 1000");
    }

    private static void requireThreads(String name, @Nullable Integer count) {
      if (count != null) {
        EngineOptions.require(count >= 1 && count <= MAX_THREADS, name, count, "1 to 1024");
      }
    }
  }

  /**
   * How ONNX Runtime prepares the graph and its memory.
   *
   * @param optimization how far the graph is rewritten
   * @param memoryPattern whether the memory plan of one shape is kept: saves allocations when all
   *     calls have one shape, costs memory otherwise
   * @param cpuArena whether memory between operators is pooled; off saves memory and costs time
   * @param denormalAsZero whether numbers below about 1e-38 count as 0: they are slow on x86 and
   *     mean nothing in a network
   */
  public record Graph(
      Optimization optimization, boolean memoryPattern, boolean cpuArena, boolean denormalAsZero) {

    /** Fully optimized, pooled memory without a fixed plan, exact denormals. */
    public static final Graph DEFAULT = new Graph(Optimization.ALL, false, true, false);
  }
}
