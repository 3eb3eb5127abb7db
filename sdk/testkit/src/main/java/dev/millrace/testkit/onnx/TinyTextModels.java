package dev.millrace.testkit.onnx;

import dev.millrace.protocol.tensor.DataType;
import java.util.List;

/**
 * Ready models that take token ids and whose answers a test can compute: what they say has no
 * meaning, but it depends on every id, on the mask and on the segments. Inputs are INT64 {@code
 * input_ids}, {@code attention_mask} and {@code token_type_ids}, all {@code [batch, tokens]}.
 */
public final class TinyTextModels {
  private static final float SCALE = 1e-5f;

  private TinyTextModels() {}

  /**
   * A cross-encoder: {@code logits} is FP32 {@code [batch, 1]}, the sum of the ids of the second
   * segment less that of the first, in hundred thousandths.
   */
  public static byte[] crossEncoder() {
    return new OnnxModelWriter()
        .write(
            inputs(new OnnxGraph("crossEncoder"))
                .output("logits", DataType.FP32, "batch", "1")
                .constant(OnnxTensorData.floats("two", new float[] {2}, 1))
                .constant(OnnxTensorData.floats("one", new float[] {1}, 1))
                .constant(OnnxTensorData.floats("scale", new float[] {SCALE}, 1))
                .node("Mul", List.of("types", "two"), "doubled")
                .node("Sub", List.of("doubled", "one"), "sign")
                .node("Mul", List.of("kept", "sign"), "signed")
                .node("ReduceSum", List.of("signed", "axis"), "sum")
                .node("Mul", List.of("sum", "scale"), "logits"));
  }

  /** What {@link #crossEncoder} answers. */
  public static float crossEncoderLogit(long[] ids, long[] types) {
    float sum = 0;
    for (int i = 0; i < ids.length; i++) {
      sum += types[i] == 1 ? ids[i] : -ids[i];
    }
    return sum * SCALE;
  }

  /**
   * A classifier: {@code logits} is FP32 {@code [batch, labels]}, the sum of the ids in hundred
   * thousandths times the number of the label, less a tenth of that number.
   */
  public static byte[] classifier(int labels) {
    var factors = new float[labels];
    var offsets = new float[labels];
    for (int j = 0; j < labels; j++) {
      factors[j] = SCALE * j;
      offsets[j] = -0.1f * j;
    }
    return new OnnxModelWriter()
        .write(
            inputs(new OnnxGraph("classifier"))
                .output("logits", DataType.FP32, "batch", Integer.toString(labels))
                .constant(OnnxTensorData.floats("factors", factors, 1, labels))
                .constant(OnnxTensorData.floats("offsets", offsets, labels))
                .node("ReduceSum", List.of("kept", "axis"), "sum")
                .node("MatMul", List.of("sum", "factors"), "scaled")
                .node("Add", List.of("scaled", "offsets"), "logits"));
  }

  /** What {@link #classifier} answers. */
  public static float[] classifierLogits(long[] ids, int labels) {
    long sum = 0;
    for (long id : ids) {
      sum += id;
    }
    var logits = new float[labels];
    for (int j = 0; j < labels; j++) {
      logits[j] = sum * (SCALE * j) - 0.1f * j;
    }
    return logits;
  }

  /**
   * Vectors by id: {@code last_hidden_state} is FP32 {@code [batch, tokens, 4]} and holds {@code
   * id, 1, 0, id mod 7}. An id of {@code rows} or more fails the run, and with it the batch.
   */
  public static byte[] embedder(int rows) {
    var table = new float[rows * 4];
    for (int id = 0; id < rows; id++) {
      table[id * 4] = id;
      table[id * 4 + 1] = 1;
      table[id * 4 + 3] = id % 7;
    }
    return new OnnxModelWriter()
        .write(
            new OnnxGraph("embedder")
                .input("input_ids", DataType.INT64, "batch", "tokens")
                .output("last_hidden_state", DataType.FP32, "batch", "tokens", "4")
                .constant(OnnxTensorData.floats("table", table, rows, 4))
                .node("Gather", List.of("table", "input_ids"), "last_hidden_state"));
  }

  /** {@code kept}: the ids that the mask keeps, as numbers; {@code types}: the segments. */
  private static OnnxGraph inputs(OnnxGraph graph) {
    return graph
        .input("input_ids", DataType.INT64, "batch", "tokens")
        .input("attention_mask", DataType.INT64, "batch", "tokens")
        .input("token_type_ids", DataType.INT64, "batch", "tokens")
        .constant(OnnxTensorData.longs("axis", new long[] {1}, 1))
        .node("Mul", List.of("input_ids", "attention_mask"), "masked")
        .node(cast("masked", "kept"))
        .node(cast("token_type_ids", "types"));
  }

  private static OnnxNode cast(String from, String to) {
    return OnnxNode.of("Cast", List.of(from), List.of(to)).attribute("to", 1L);
  }
}
