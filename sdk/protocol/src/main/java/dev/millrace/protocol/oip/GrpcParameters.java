package dev.millrace.protocol.oip;

import dev.millrace.protocol.grpc.InferParameter;
import java.util.LinkedHashMap;
import java.util.Map;

/** Protocol parameters as gRPC carries them. */
final class GrpcParameters {
  private GrpcParameters() {}

  static Map<String, Object> read(Map<String, InferParameter> wire, String owner) {
    if (wire.isEmpty()) {
      return Map.of();
    }
    var parameters = new LinkedHashMap<String, Object>();
    wire.forEach((name, value) -> parameters.put(name, value(value, owner, name)));
    return parameters;
  }

  private static Object value(InferParameter parameter, String owner, String name) {
    return switch (parameter.getParameterChoiceCase()) {
      case BOOL_PARAM -> parameter.getBoolParam();
      case INT64_PARAM -> parameter.getInt64Param();
      case STRING_PARAM -> parameter.getStringParam();
      case DOUBLE_PARAM -> parameter.getDoubleParam();
      case UINT64_PARAM -> {
        if (parameter.getUint64Param() < 0) {
          throw Reject.because(
              "%s: parameter '%s': %s is above 2^63-1",
              owner, Reject.quote(name), Long.toUnsignedString(parameter.getUint64Param()));
        }
        yield parameter.getUint64Param();
      }
      case PARAMETERCHOICE_NOT_SET ->
          throw Reject.because("%s: parameter '%s' has no value", owner, Reject.quote(name));
    };
  }

  static Map<String, InferParameter> write(Map<String, Object> parameters) {
    if (parameters.isEmpty()) {
      return Map.of();
    }
    var wire = new LinkedHashMap<String, InferParameter>();
    parameters.forEach((name, value) -> wire.put(name, value(value)));
    return wire;
  }

  private static InferParameter value(Object value) {
    var parameter = InferParameter.newBuilder();
    if (value instanceof Boolean flag) {
      return parameter.setBoolParam(flag).build();
    }
    if (value instanceof Double || value instanceof Float) {
      return parameter.setDoubleParam(((Number) value).doubleValue()).build();
    }
    if (value instanceof Number number) {
      return parameter.setInt64Param(number.longValue()).build();
    }
    return parameter.setStringParam(value.toString()).build();
  }
}
