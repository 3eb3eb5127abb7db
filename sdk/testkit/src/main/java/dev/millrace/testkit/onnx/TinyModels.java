package dev.millrace.testkit.onnx;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensors;
import java.util.List;

/**
 * Ready models of a few hundred bytes whose answers a test can compute. Each call returns a new
 * array with the bytes of an {@code .onnx} file; the same arguments give the same bytes.
 */
public final class TinyModels {
  private static final String BATCH = "batch";

  /** ONNX's number of that datatype. */
  private static final int INT64 = 7;

  private TinyModels() {}

  /** {@code y = x}; {@code x} and {@code y} are {@code [batch, 4]} of any datatype. */
  public static byte[] identity(DataType type) {
    return new OnnxModelWriter()
        .write(
            new OnnxGraph("identity")
                .input("x", type, BATCH, "4")
                .output("y", type, BATCH, "4")
                .node("Identity", List.of("x"), "y"));
  }

  /**
   * {@code y = x·W + B} in FP32, {@code x} is {@code [batch, in]} and {@code y} is {@code [batch,
   * out]}. {@code W[i][j] = (i+1)·(j+1)} and {@code B[j] = j}: with four inputs and three outputs
   * the row {@code 1,2,3,4} gives {@code 30,61,92}. {@link #linearRow} computes any other.
   */
  public static byte[] linear(int inFeatures, int outFeatures) {
    return linear(inFeatures, outFeatures, BATCH);
  }

  /** {@link #linear(int, int) linear(4, 3)} whose batch is fixed: it takes exactly one row. */
  public static byte[] fixedBatch() {
    return linear(4, 3, "1");
  }

  /** What {@link #linear} answers to one row. */
  public static float[] linearRow(float[] row, int outFeatures) {
    var answer = new float[outFeatures];
    for (int j = 0; j < outFeatures; j++) {
      float sum = 0;
      for (int i = 0; i < row.length; i++) {
        sum += row[i] * (i + 1) * (j + 1);
      }
      answer[j] = sum + j;
    }
    return answer;
  }

  private static byte[] linear(int in, int out, String batch) {
    var weights = new float[in * out];
    for (int i = 0; i < in; i++) {
      for (int j = 0; j < out; j++) {
        weights[i * out + j] = (i + 1f) * (j + 1);
      }
    }
    var bias = new float[out];
    for (int j = 0; j < out; j++) {
      bias[j] = j;
    }
    return new OnnxModelWriter()
        .write(
            new OnnxGraph("linear")
                .input("x", DataType.FP32, batch, Integer.toString(in))
                .output("y", DataType.FP32, batch, Integer.toString(out))
                .constant(OnnxTensorData.floats("W", weights, in, out))
                .constant(OnnxTensorData.floats("B", bias, out))
                .node("MatMul", List.of("x", "W"), "xW")
                .node("Add", List.of("xW", "B"), "y"));
  }

  /**
   * {@code y = x} in FP32, {@code [batch, 4]}, after a loop of {@code iterations} small steps that
   * the runtime cannot skip. An iteration takes some microseconds; a run can be terminated between
   * them.
   */
  public static byte[] slow(int iterations) {
    return looping(
        new OnnxGraph("slow").constant(OnnxTensorData.longs("trips", new long[] {iterations})));
  }

  /**
   * {@link #slow} whose callers may ask for more: as many further iterations as the largest value
   * of {@code x} says. What is measured with small values is the time of {@code iterations}.
   */
  public static byte[] slowOnDemand(int iterations) {
    return looping(
        new OnnxGraph("slowOnDemand")
            .constant(OnnxTensorData.longs("least", new long[] {iterations}))
            .node(largest())
            .node(wholeNumber())
            .node("Add", List.of("least", "more"), "trips"));
  }

  private static OnnxNode largest() {
    return OnnxNode.of("ReduceMax", List.of("x"), List.of("largest")).attribute("keepdims", 0);
  }

  private static OnnxNode wholeNumber() {
    return OnnxNode.of("Cast", List.of("largest"), List.of("more")).attribute("to", INT64);
  }

  /** {@code y = x} after as many steps as the graph's value {@code trips} says. */
  private static byte[] looping(OnnxGraph graph) {
    var body =
        new OnnxGraph("step")
            .input("iteration", DataType.INT64)
            .input("goOn", DataType.BOOL)
            .input("before", DataType.FP32, BATCH, "4")
            .output("stillGoOn", DataType.BOOL)
            .output("after", DataType.FP32, BATCH, "4")
            .node("Identity", List.of("goOn"), "stillGoOn")
            .node("Sin", List.of("before"), "after");
    return new OnnxModelWriter()
        .write(
            graph
                .input("x", DataType.FP32, BATCH, "4")
                .output("y", DataType.FP32, BATCH, "4")
                .constant(OnnxTensorData.of(Tensors.bool("always", new boolean[] {true})))
                .constant(OnnxTensorData.floats("zero", new float[] {0}))
                .node(
                    OnnxNode.of("Loop", List.of("trips", "always", "x"), List.of("work"))
                        .attribute("body", body))
                .node("Mul", List.of("work", "zero"), "nothing")
                .node("Add", List.of("x", "nothing"), "y"));
  }

  /** {@code y = x + noise}, FP32 {@code [batch, 4]}: no two answers are the same. */
  public static byte[] noisy() {
    return new OnnxModelWriter()
        .write(
            new OnnxGraph("noisy")
                .input("x", DataType.FP32, BATCH, "4")
                .output("y", DataType.FP32, BATCH, "4")
                .node("RandomNormalLike", List.of("x"), "noise")
                .node("Add", List.of("x", "noise"), "y"));
  }

  /**
   * {@code y = x} in FP32, {@code [batch, 4]}, after filling four bytes of memory for each unit of
   * the largest value of {@code x}. A value that no machine has memory for ({@code 1e18}) fails the
   * run, and not by an invalid input.
   */
  public static byte[] memoryOnDemand() {
    return new OnnxModelWriter()
        .write(
            new OnnxGraph("memoryOnDemand")
                .input("x", DataType.FP32, BATCH, "4")
                .output("y", DataType.FP32, BATCH, "4")
                .constant(OnnxTensorData.longs("one", new long[] {1}, 1))
                .constant(OnnxTensorData.floats("zero", new float[] {0}))
                .node(largest())
                .node(wholeNumber())
                .node("Reshape", List.of("more", "one"), "size")
                .node("ConstantOfShape", List.of("size"), "zeros")
                .node(
                    OnnxNode.of("ReduceSum", List.of("zeros"), List.of("sum"))
                        .attribute("keepdims", 0))
                .node("Mul", List.of("sum", "zero"), "nothing")
                .node("Add", List.of("x", "nothing"), "y"));
  }

  /**
   * {@code y[b][j] = x[b][0]} for {@code width} columns in FP32: a small request, an answer of
   * {@code batch · width · 4} bytes. The file stays small.
   */
  public static byte[] bigOutput(int width) {
    return new OnnxModelWriter()
        .write(
            new OnnxGraph("bigOutput")
                .input("x", DataType.FP32, BATCH, "1")
                .output("y", DataType.FP32, BATCH, Integer.toString(width))
                .constant(OnnxTensorData.longs("shape", new long[] {1, width}, 2))
                .node(
                    OnnxNode.of("ConstantOfShape", List.of("shape"), List.of("ones"))
                        .attribute("value", OnnxTensorData.floats("one", new float[] {1}, 1)))
                .node("MatMul", List.of("x", "ones"), "y"));
  }

  /**
   * {@code y = x · scale}: {@code x} and {@code y} are FP32 {@code [batch, 4]}, {@code scale} is a
   * scalar that a whole batch shares.
   */
  public static byte[] scalarInput() {
    return new OnnxModelWriter()
        .write(
            new OnnxGraph("scalarInput")
                .input("x", DataType.FP32, BATCH, "4")
                .input("scale", DataType.FP32)
                .output("y", DataType.FP32, BATCH, "4")
                .node("Mul", List.of("x", "scale"), "y"));
  }

  /**
   * A running sum that the caller carries along: {@code y = state + x} and {@code next = y}, all
   * FP32 {@code [batch, 4]}.
   */
  public static byte[] runningSum() {
    return new OnnxModelWriter()
        .write(
            new OnnxGraph("runningSum")
                .input("x", DataType.FP32, BATCH, "4")
                .input("state", DataType.FP32, BATCH, "4")
                .output("y", DataType.FP32, BATCH, "4")
                .output("next", DataType.FP32, BATCH, "4")
                .node("Add", List.of("x", "state"), "y")
                .node("Identity", List.of("y"), "next"));
  }

  /**
   * Rows of a table by id: {@code ids} is INT64 {@code [batch, tokens]}, {@code y} is FP32 {@code
   * [batch, tokens, width]} with {@code y[b][t][j] = ids[b][t] · width + j}. An id outside {@code
   * 0..rows-1} loads fine and fails the run: one bad row fails the batch it is in.
   */
  public static byte[] gatherEmbedding(int rows, int width) {
    var table = new float[rows * width];
    for (int i = 0; i < table.length; i++) {
      table[i] = i;
    }
    return new OnnxModelWriter()
        .write(
            new OnnxGraph("gatherEmbedding")
                .input("ids", DataType.INT64, BATCH, "tokens")
                .output("y", DataType.FP32, BATCH, "tokens", Integer.toString(width))
                .constant(OnnxTensorData.floats("table", table, rows, width))
                .node("Gather", List.of("table", "ids"), "y"));
  }

  /** A well-formed file that the runtime refuses to load: its one operator does not exist. */
  public static byte[] brokenGraph() {
    return new OnnxModelWriter()
        .write(
            new OnnxGraph("broken")
                .input("x", DataType.FP32, BATCH, "4")
                .output("y", DataType.FP32, BATCH, "4")
                .node("NoSuchOperator", List.of("x"), "y"));
  }

  /** Bytes that are no ONNX file at all. */
  public static byte[] notOnnx() {
    return "#!/bin/sh\necho this is not a model\n"
        .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  }
}
