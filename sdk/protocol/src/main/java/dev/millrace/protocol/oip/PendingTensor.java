package dev.millrace.protocol.oip;

import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A tensor whose JSON object is read, but whose bytes may still be a blob behind the JSON. */
final class PendingTensor {
  private final String role;
  private final int position;
  private @Nullable TensorHead head;

  @Nullable String name;
  @Nullable String datatype;
  long @Nullable [] shape;
  Map<String, Object> parameters = Map.of();
  @Nullable ByteBuffer data;

  /** Offset of data that came before datatype or shape; -1 when there are none. */
  int dataStart = -1;

  int dataLength;

  PendingTensor(String role, int position) {
    this.role = role;
    this.position = position;
  }

  String label() {
    return TensorHead.label(role, position, name);
  }

  boolean complete() {
    return name != null && datatype != null && shape != null;
  }

  TensorHead head() {
    if (head == null) {
      long[] dimensions = shape;
      if (dimensions == null) {
        throw Reject.because("%s: 'shape' is missing", label());
      }
      head = TensorHead.of(role, position, name, datatype, dimensions);
    }
    return head;
  }

  /**
   * The tensor, its blob taken from {@code blobs} if it has one.
   *
   * @param blobs what follows the JSON, positioned at the next blob; null without such a part
   */
  Tensor finish(@Nullable ByteBuffer blobs) {
    Object size = parameters.get(JsonParameters.BINARY_DATA_SIZE);
    TensorHead checked = head();
    ByteBuffer parsed = data;
    if (size == null) {
      if (parsed == null) {
        throw Reject.because("%s: it has neither 'data' nor 'binary_data_size'", label());
      }
      return new Tensor(checked.name(), checked.datatype(), checked.shape(), parsed, parameters);
    }
    if (parsed != null) {
      throw Reject.because("%s: it has both 'data' and 'binary_data_size'", label());
    }
    Map<String, Object> kept = Map.of();
    if (parameters.size() > 1) {
      kept = new LinkedHashMap<>(parameters);
      kept.remove(JsonParameters.BINARY_DATA_SIZE);
    }
    return checked.over(blob(size, blobs), kept);
  }

  private ByteBuffer blob(Object size, @Nullable ByteBuffer blobs) {
    if (!(size instanceof Long bytes) || bytes < 0) {
      throw Reject.because(
          "%s: 'binary_data_size' must be an integer of 0 or more, not %s",
          label(), Reject.quote(size.toString()));
    }
    if (blobs == null) {
      throw Reject.because(
          "%s: 'binary_data_size' needs the header Inference-Header-Content-Length", label());
    }
    if (bytes > blobs.remaining()) {
      throw Reject.because(
          "%s: 'binary_data_size' is %d, but only %d bytes of the body are left",
          label(), bytes, blobs.remaining());
    }
    ByteBuffer blob = blobs.slice(blobs.position(), bytes.intValue());
    blobs.position(blobs.position() + bytes.intValue());
    return blob;
  }
}
