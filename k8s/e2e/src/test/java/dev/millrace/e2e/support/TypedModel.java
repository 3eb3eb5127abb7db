package dev.millrace.e2e.support;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.testkit.onnx.OnnxGraph;
import dev.millrace.testkit.onnx.OnnxModelWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A model with one input for each datatype that Java can give to ONNX Runtime, named like the
 * datatype in small letters, shape {@code [batch, 1]}; each output {@code out_…} is its input.
 */
public final class TypedModel {
  /** A value of each datatype that JSON can carry; all fit. */
  private static final Map<DataType, String> FITTING = fitting();

  private TypedModel() {}

  private static Map<DataType, String> fitting() {
    var values = new LinkedHashMap<DataType, String>();
    values.put(DataType.BOOL, "true");
    values.put(DataType.UINT8, "255");
    values.put(DataType.INT8, "-128");
    values.put(DataType.INT16, "32767");
    values.put(DataType.INT32, "-2147483648");
    values.put(DataType.INT64, "9223372036854775807");
    values.put(DataType.FP32, "3.4028235E38");
    values.put(DataType.FP64, "1.7976931348623157E308");
    return values;
  }

  /** The datatypes of the inputs. */
  public static List<DataType> types() {
    return List.copyOf(FITTING.keySet());
  }

  /** The ONNX file. */
  public static byte[] onnx() {
    var graph = new OnnxGraph("typed");
    for (DataType type : types()) {
      graph.input(name(type), type, "batch", "1");
    }
    for (DataType type : types()) {
      graph.output("out_" + name(type), type, "batch", "1");
      graph.node("Identity", List.of(name(type)), "out_" + name(type));
    }
    return new OnnxModelWriter().write(graph);
  }

  /** A request in JSON whose values all fit: the ends of the ranges. */
  public static String request() {
    return request(DataType.BOOL, FITTING.get(DataType.BOOL));
  }

  /** The same with another token for one of the inputs. */
  public static String request(DataType changed, String token) {
    var inputs = new StringBuilder();
    for (DataType type : types()) {
      inputs
          .append(inputs.isEmpty() ? "" : ",")
          .append("{\"name\":\"")
          .append(name(type))
          .append("\",\"datatype\":\"")
          .append(type)
          .append("\",\"shape\":[1,1],\"data\":[")
          .append(type == changed ? token : FITTING.get(type))
          .append("]}");
    }
    return "{\"inputs\":[" + inputs + "]}";
  }

  /** What the output of a datatype must show for {@link #request()}. */
  public static String fitting(DataType type) {
    return FITTING.getOrDefault(type, "");
  }

  /** The input of a datatype. */
  public static String name(DataType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
