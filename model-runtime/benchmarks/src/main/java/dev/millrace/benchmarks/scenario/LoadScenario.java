package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.report.Result;
import dev.millrace.benchmarks.report.Target;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The server under test under one load, in turn with a baseline under the same.
 *
 * @param load of an open loop: that of its calibration
 * @param baseline what it is compared with
 * @param target what to reach; null when none is set for a local baseline
 */
record LoadScenario(
    String id,
    String name,
    String about,
    Occasion occasion,
    Load load,
    Loop loop,
    Baseline baseline,
    @Nullable Target target)
    implements Scenario {

  /** How calls follow each other. */
  enum Loop {
    /** Each caller calls again when answered: throughput. */
    CLOSED,
    /** Calls start at a fixed rate, 70 % of what a closed loop reached: latency. */
    OPEN
  }

  /** What a scenario is compared with. */
  enum Baseline {
    /** A server that sends back what it gets, over the scenario's protocol. */
    ECHO,
    /** A server that reads what it gets and answers how much it was; HTTP only. */
    SINK,
    /** The same, but Jackson parses the numbers into an array of floats before; HTTP JSON only. */
    JACKSON,
    /** ONNX Runtime in a loop at its best batch. */
    BARE_ONNX_RUNTIME
  }

  @Override
  public boolean remote() {
    return true;
  }

  @Override
  public List<Result> run(TestBed bed) throws IOException, InterruptedException {
    return List.of(new LoadRunner(bed).run(this));
  }
}
