package dev.millrace.testkit.onnx;

import dev.millrace.protocol.tensor.DataType;
import java.util.List;

/**
 * A graph under construction: inputs, outputs, nodes and constants, in any order. Nothing is
 * checked, so that broken graphs can be written too. Not thread-safe.
 */
public final class OnnxGraph {
  private final ProtoBytes proto = new ProtoBytes();

  /** An empty graph. */
  public OnnxGraph(String name) {
    proto.string(2, name);
  }

  /**
   * Declares an input.
   *
   * @param dimensions a decimal number is a fixed size, any other text a symbol such as {@code
   *     batch}; none at all makes a scalar
   */
  public OnnxGraph input(String name, DataType type, String... dimensions) {
    proto.message(11, value(name, type, dimensions));
    return this;
  }

  /** Declares an output; dimensions as for {@link #input}. */
  public OnnxGraph output(String name, DataType type, String... dimensions) {
    proto.message(12, value(name, type, dimensions));
    return this;
  }

  /** Adds an operator; the order of calls is the order of execution. */
  public OnnxGraph node(OnnxNode node) {
    proto.message(1, node.proto());
    return this;
  }

  /** Adds an operator without attributes. */
  public OnnxGraph node(String type, List<String> inputs, String output) {
    return node(OnnxNode.of(type, inputs, List.of(output)));
  }

  /** Adds a constant. */
  public OnnxGraph constant(OnnxTensorData value) {
    proto.message(5, value.proto());
    return this;
  }

  ProtoBytes proto() {
    return proto;
  }

  private static ProtoBytes value(String name, DataType type, String... dimensions) {
    var shape = new ProtoBytes();
    for (String dimension : dimensions) {
      boolean fixed = dimension.matches("-?[0-9]+");
      var dim = new ProtoBytes();
      shape.message(1, fixed ? dim.varint(1, Long.parseLong(dimension)) : dim.string(2, dimension));
    }
    var tensor = new ProtoBytes().varint(1, OnnxTensorData.elementType(type)).message(2, shape);
    return new ProtoBytes().string(1, name).message(2, new ProtoBytes().message(1, tensor));
  }
}
