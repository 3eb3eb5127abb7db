package dev.millrace.runtime.engine;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known about the requests of one ONNX Runtime call before it: how many rows they have
 * together and whether they differ in length. Confined to one thread.
 */
final class JoinedBatch {
  private final Signature signature;
  private final List<ModelRequest> requests;

  /** Null when the requests are of one length, so that nothing is padded and nothing cut. */
  private final @Nullable PaddingPlan padding;

  private final ModelRequest longest;
  private final long rows;

  JoinedBatch(Signature signature, List<ModelRequest> requests, @Nullable PaddingPlan plan) {
    this.signature = signature;
    this.requests = requests;
    ModelRequest most = requests.get(0);
    long total = 0;
    boolean differ = false;
    for (int i = 0; i < requests.size(); i++) {
      ModelRequest request = requests.get(i);
      total += request.rows();
      differ |= request.length() != most.length();
      most = request.length() > most.length() ? request : most;
    }
    this.longest = most;
    this.rows = total;
    if (differ && plan == null) {
      throw new IllegalArgumentException(
          "requests of different length (expected: a model with a padding plan)");
    }
    this.padding = differ ? plan : null;
  }

  Signature signature() {
    return signature;
  }

  List<ModelRequest> requests() {
    return requests;
  }

  /** Rows of all requests. */
  long rows() {
    return rows;
  }

  /** The request whose shapes the batch has, but for its rows. */
  ModelRequest longest() {
    return longest;
  }

  /** The padding in force; null when the requests are of one length. */
  @Nullable PaddingPlan padding() {
    return padding;
  }

  /** Whether an input must be padded. */
  boolean pads(int input) {
    return padding != null && padding.pads(input);
  }

  /** The shape of an input of the whole batch. */
  long[] paddedShape(int input, int batchAxis) {
    long[] shape = longest.inputs().get(input).shape().clone();
    shape[batchAxis] = rows;
    return shape;
  }

  /**
   * A request's part of an output: its rows, and no more than its own length.
   *
   * @param firstRow where its rows begin in the batch
   */
  Tensor part(OutputData output, ModelRequest request, long firstRow, OutputData.Cutter cutter)
      throws ModelExecutionException {
    if (padding == null || request.length() == longest.length()) {
      return output.part(firstRow, request.rows(), rows, cutter);
    }
    long[] whole = output.shape();
    List<Integer> cut = padding.lengthAxes(output.signature(), whole, longest.length());
    Integer batchAxis = output.signature().batchAxis();
    if (cut.isEmpty() || batchAxis == null) {
      return output.part(firstRow, request.rows(), rows, cutter);
    }
    long[] shape = whole.clone();
    shape[batchAxis] = request.rows();
    cut.forEach(axis -> shape[axis] = request.length());
    DataType type = output.signature().datatype();
    int unit = type == DataType.BYTES ? 1 : type.byteSize();
    return output.part(Box.of(whole, shape, batchAxis, firstRow, unit), shape, cutter);
  }

  /** Fills the memory of an input that is padded with its pad value. */
  void fill(int input, ByteBuffer batch) {
    if (padding == null) {
      throw new IllegalStateException("nothing is padded");
    }
    padding.fill(input, batch);
  }
}
