package dev.millrace.benchmarks.micro;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.runtime.engine.BatchRunner;
import dev.millrace.runtime.engine.EngineOptions;
import dev.millrace.runtime.engine.InputCheck;
import dev.millrace.runtime.engine.ModelRequest;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.engine.OnnxEngine;
import dev.millrace.runtime.engine.OnnxModel;
import dev.millrace.runtime.engine.SessionSettings;
import dev.millrace.testkit.onnx.OnnxGraph;
import dev.millrace.testkit.onnx.OnnxModelWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Gathering requests into a batch, running a model that only copies, and cutting the answers apart
 * again. What it costs beyond batch size 1 is the price of joining.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BatchRunnerBenchmark {
  /** Requests in the batch. */
  @Param({"1", "16"})
  public int batch = 1;

  /** Floats of each request: a table row, and a picture of 3×224×224. */
  @Param({"4", "150528"})
  public int width = 4;

  private @Nullable Path file;
  private @Nullable OnnxEngine engine;
  private @Nullable OnnxModel model;
  private @Nullable BatchRunner runner;
  private List<ModelRequest> requests = List.of();

  /** Writes and loads the model and makes the requests, which every run uses again. */
  @Setup
  public void prepare() throws Exception {
    String size = Integer.toString(width);
    var graph =
        new OnnxGraph("copy")
            .input("x", DataType.FP32, "batch", size)
            .output("y", DataType.FP32, "batch", size)
            .node("Abs", List.of("x"), "y");
    Path written = Files.createTempFile("millrace-copy", ".onnx");
    Files.write(written, new OnnxModelWriter().write(graph));
    OnnxEngine started = OnnxEngine.start(EngineOptions.DEFAULT);
    OnnxModel loaded = started.load(written, SessionSettings.DEFAULT);
    var check = InputCheck.of(loaded.signature());
    requests =
        IntStream.range(0, batch)
            .mapToObj(ignored -> check.check(List.of(row()), List.of("y")))
            .toList();
    file = written;
    engine = started;
    model = loaded;
    runner = new BatchRunner(loaded, started.memory());
  }

  private Tensor row() {
    var data = ByteBuffer.allocate(width * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    return new Tensor("x", DataType.FP32, new long[] {1, width}, data);
  }

  /** From requests to answers. */
  @Benchmark
  public int gatherRunScatter() throws Exception {
    if (runner == null) {
      throw new IllegalStateException("not prepared");
    }
    int bytes = 0;
    for (ModelResult result : runner.execute(requests)) {
      bytes += result.outputs().get(0).data().remaining();
      result.close();
    }
    return bytes;
  }

  /** Closes the engine and removes the file. */
  @TearDown
  public void close() throws Exception {
    if (model != null && engine != null && file != null) {
      model.close();
      engine.close();
      Files.deleteIfExists(file);
    }
  }
}
