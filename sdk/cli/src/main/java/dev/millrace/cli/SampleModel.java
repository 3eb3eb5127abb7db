package dev.millrace.cli;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.testkit.onnx.OnnxGraph;
import dev.millrace.testkit.onnx.OnnxModelWriter;
import dev.millrace.testkit.onnx.OnnxTensorData;
import java.util.List;

/** The tiny model of {@code millrace sample}: y = x·W + b, x of four numbers, y of three. */
public final class SampleModel {
  private static final int IN = 4;
  private static final int OUT = 3;

  private SampleModel() {}

  /** {@code W[i][j] = (i+1)·(j+1)·scale} and {@code b[j] = j·scale}. */
  public static byte[] bytes(float scale) {
    var weights = new float[IN * OUT];
    var bias = new float[OUT];
    for (int j = 0; j < OUT; j++) {
      bias[j] = j * scale;
      for (int i = 0; i < IN; i++) {
        weights[i * OUT + j] = (i + 1) * (j + 1) * scale;
      }
    }
    return new OnnxModelWriter()
        .write(
            new OnnxGraph("linear")
                .input("x", DataType.FP32, "batch", Integer.toString(IN))
                .output("y", DataType.FP32, "batch", Integer.toString(OUT))
                .constant(OnnxTensorData.floats("W", weights, IN, OUT))
                .constant(OnnxTensorData.floats("b", bias, OUT))
                .node("MatMul", List.of("x", "W"), "xW")
                .node("Add", List.of("xW", "b"), "y"));
  }
}
