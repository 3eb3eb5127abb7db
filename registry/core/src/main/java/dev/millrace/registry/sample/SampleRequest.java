package dev.millrace.registry.sample;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A request that a version answers: one row, and the values that admission tried first, so that
 * nothing is out of a vocabulary's range. Floats are small steps instead of zeros, for the eye.
 *
 * @param inputs one tensor an input, in the signature's order
 * @param binaryOutput whether an output has no JSON form, so that the answer must be binary
 */
public record SampleRequest(List<SampleTensor> inputs, boolean binaryOutput) {
  /** Admission tries this size of a free dimension first. */
  public static final int FREE_SIZE = 8;

  /** More elements than this are not listed: an example is for reading. */
  private static final int MOST_LISTED = 64;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  public SampleRequest {
    inputs = List.copyOf(inputs);
  }

  /**
   * The sample of a signature.
   *
   * @param freeSize size of every free dimension besides the batch, at least 1
   */
  public static SampleRequest of(Signature signature, int freeSize) {
    var inputs = signature.inputs().stream().map(input -> tensor(input, freeSize)).toList();
    var binary = signature.outputs().stream().anyMatch(it -> !it.datatype().hasJsonForm());
    return new SampleRequest(inputs, binary);
  }

  /** Whether the whole request is JSON: every input is listed. */
  public boolean isJson() {
    return inputs.stream().allMatch(SampleTensor::listed);
  }

  /**
   * The body in JSON, or its JSON part: inputs that are not {@link SampleTensor#listed()} follow it
   * as zeros, {@link #binaryBytes()} of them.
   */
  public ObjectNode body() {
    var body = JSON.objectNode();
    if (binaryOutput) {
      body.putObject("parameters").put("binary_data_output", true);
    }
    var list = body.putArray("inputs");
    for (var input : inputs) {
      var tensor = list.addObject().put("name", input.name());
      var shape = tensor.putArray("shape");
      input.shape().forEach(shape::add);
      tensor.put("datatype", input.datatype().name());
      if (input.listed()) {
        tensor.set("data", elements(input));
      } else {
        tensor.putObject("parameters").put("binary_data_size", input.byteSize());
      }
    }
    return body;
  }

  /** Zero bytes that follow the JSON part; 0 when {@link #isJson()}. */
  public long binaryBytes() {
    return inputs.stream().filter(it -> !it.listed()).mapToLong(SampleTensor::byteSize).sum();
  }

  /** The listed elements of an input. */
  public static ArrayNode elements(SampleTensor input) {
    var data = JSON.arrayNode();
    for (var value : input.values()) {
      switch (value) {
        case Boolean truth -> data.add(truth);
        case Long whole -> data.add(whole);
        case Double number -> data.add(number);
        default -> data.add(value.toString());
      }
    }
    return data;
  }

  private static SampleTensor tensor(TensorSignature input, int freeSize) {
    var shape = new ArrayList<Long>();
    for (int axis = 0; axis < input.shape().size(); axis++) {
      Dimension dimension = input.shape().get(axis);
      var batch = input.batchAxis() != null && input.batchAxis() == axis;
      shape.add(batch ? 1L : dimension.isFree() ? freeSize : dimension.size());
    }
    var zeros = new SampleTensor(input.name(), input.datatype(), shape, List.of());
    var listed =
        input.datatype() == DataType.BYTES
            || input.datatype().hasJsonForm() && zeros.count() <= MOST_LISTED;
    return listed
        ? new SampleTensor(input.name(), input.datatype(), shape, values(input, zeros.count()))
        : zeros;
  }

  private static List<Object> values(TensorSignature input, long count) {
    var mask = input.name().toLowerCase(Locale.ROOT).contains("mask");
    var values = new ArrayList<Object>();
    for (long i = 0; i < count; i++) {
      values.add(
          switch (input.datatype()) {
            case BOOL -> mask;
            case BYTES -> "text";
            case FP32, FP64 -> mask ? 1.0 : (i % 9 + 1) / 10.0;
            default -> mask ? 1L : 0L;
          });
    }
    return values;
  }
}
