package dev.millrace.testkit.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.testkit.onnx.TinyModels;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** {@code TinyModels.linear(4, 3)} as plain Java behind the protocol's checks. */
final class ReferenceModel {
  static final String NAME = "linear";
  static final String KEY = "mr_reference";

  private ReferenceModel() {}

  static void authenticate(String authorization) {
    if (!("Bearer " + KEY).equals(authorization)) {
      throw MillraceException.of(ErrorCode.UNAUTHENTICATED, "a valid key is needed");
    }
  }

  static void require(String model, String version) {
    if (!model.equals(NAME) || !(version.isEmpty() || version.equals("1"))) {
      throw MillraceException.of(
          ErrorCode.NOT_FOUND, "no model '%s' of version '%s'", model, version);
    }
  }

  static InferResponse infer(InferRequest request) {
    for (Tensor input : request.inputs()) {
      if (!input.name().equals("x")) {
        throw invalid("input '%s' is not known; expected x", cut(input.name()));
      }
      if (input.datatype() != DataType.FP32) {
        throw invalid("input 'x': %s came, FP32 was expected", input.datatype());
      }
      if (input.rank() != 2 || input.shape()[1] != 4) {
        throw invalid(
            "input 'x': shape %s came, [-1, 4] was expected", Arrays.toString(input.shape()));
      }
    }
    request.outputs().stream()
        .filter(output -> !output.name().equals("y"))
        .findAny()
        .ifPresent(
            output -> {
              throw invalid("output '%s' is not known; expected y", cut(output.name()));
            });
    float[] x = Tensors.floatArray(request.inputs().get(0));
    float[] y = new float[x.length / 4 * 3];
    for (int row = 0; row < x.length / 4; row++) {
      float[] one = Arrays.copyOfRange(x, row * 4, row * 4 + 4);
      System.arraycopy(TinyModels.linearRow(one, 3), 0, y, row * 3, 3);
    }
    Tensor output = Tensors.float32("y", y, x.length / 4, 3);
    return new InferResponse(NAME, "1", request.id(), Map.of(), List.of(output));
  }

  private static String cut(String name) {
    return name.substring(0, Math.min(name.length(), 80));
  }

  private static MillraceException invalid(String format, Object... arguments) {
    return MillraceException.of(ErrorCode.INVALID_ARGUMENT, format, arguments);
  }
}
