package dev.millrace.benchmarks.workload;

import dev.millrace.benchmarks.wire.Exchange;
import dev.millrace.benchmarks.workload.InferMessage.Input;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * {@code y = x·W + b} from 4 to 3 features: nearly no computation, so that everything around it is
 * measured. Every request has its own numbers and its own right answer.
 */
public final class TinyWorkload implements ModelWorkload {
  private static final int IN = 4;
  private static final int OUT = 3;

  /** Enough that an answer mixed up with a neighbour's is noticed. */
  private static final int REQUESTS = 1024;

  private static final long SEED = 20_260_102L;

  @Override
  public String model() {
    return "bench-tiny";
  }

  @Override
  public List<Exchange> exchanges(Protocol protocol, String model) {
    var random = new Random(SEED);
    return IntStream.range(0, REQUESTS)
        .mapToObj(ignored -> exchange(protocol, model, row(random)))
        .toList();
  }

  private static float[] row(Random random) {
    var row = new float[IN];
    for (int i = 0; i < IN; i++) {
      row[i] = random.nextInt(-1000, 1000) / 8f;
    }
    return row;
  }

  private static Exchange exchange(Protocol protocol, String model, float[] row) {
    var data = ByteBuffer.allocate(IN * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(row);
    String json = row[0] + "," + row[1] + "," + row[2] + "," + row[3];
    var input = new Input("x", "FP32", List.of(1L, (long) IN), data, json);
    return InferMessage.encode(
        protocol, model, List.of(input), Answers.equalTo(protocol, TinyModels.linearRow(row, OUT)));
  }

  @Override
  public Path write(Path folder) throws IOException {
    return Files.write(folder.resolve("tiny.onnx"), TinyModels.linear(IN, OUT));
  }
}
