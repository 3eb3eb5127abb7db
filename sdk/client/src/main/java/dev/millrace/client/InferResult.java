package dev.millrace.client;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;

/**
 * The answer to one inference call. Tensors are views over the answer's own buffer, which lives as
 * long as they do; nothing is to be closed. Safe to read from many threads.
 *
 * @param response the whole answer
 */
public record InferResult(InferResponse response) {
  /** The version that answered, a decimal number. */
  public String version() {
    return response.modelVersion();
  }

  /** All outputs, in the order of the answer. */
  public List<Tensor> outputs() {
    return response.outputs();
  }

  /**
   * The output of that name.
   *
   * @throws MillraceException NOT_FOUND when the answer has none
   */
  public Tensor output(String name) {
    for (Tensor tensor : response.outputs()) {
      if (tensor.name().equals(name)) {
        return tensor;
      }
    }
    throw MillraceException.of(
        ErrorCode.NOT_FOUND,
        "the answer of '%s' has no output '%s' (it has: %s)",
        response.modelName(),
        name,
        response.outputs().stream().map(Tensor::name).toList());
  }

  /**
   * The values of an FP32 output, as a view.
   *
   * @throws MillraceException NOT_FOUND or, for another datatype, INVALID_ARGUMENT
   */
  public FloatBuffer floats(String name) {
    return Tensors.floats(output(name));
  }

  /**
   * The values of an INT64 output, as a view.
   *
   * @throws MillraceException NOT_FOUND or, for another datatype, INVALID_ARGUMENT
   */
  public LongBuffer longs(String name) {
    return Tensors.longs(output(name));
  }

  /**
   * The elements of a BYTES output as UTF-8 text.
   *
   * @throws MillraceException NOT_FOUND or, for another datatype, INVALID_ARGUMENT
   */
  public List<String> strings(String name) {
    return Tensors.strings(output(name));
  }
}
