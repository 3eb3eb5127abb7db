package dev.millrace.testkit.onnx;

import java.util.List;

/** One operator of a graph with its attributes. Not thread-safe. */
public final class OnnxNode {
  private static final int FLOAT = 1;
  private static final int INT = 2;
  private static final int STRING = 3;
  private static final int TENSOR = 4;
  private static final int GRAPH = 5;
  private static final int INTS = 7;

  private final ProtoBytes proto = new ProtoBytes();

  private OnnxNode() {}

  /**
   * An operator of the default domain.
   *
   * @param type for example {@code MatMul}
   * @param inputs names of values; an empty name leaves an optional input out
   */
  public static OnnxNode of(String type, List<String> inputs, List<String> outputs) {
    var node = new OnnxNode();
    inputs.forEach(input -> node.proto.string(1, input));
    outputs.forEach(output -> node.proto.string(2, output));
    node.proto.string(3, type + "_" + String.join("_", outputs));
    node.proto.string(4, type);
    return node;
  }

  /** An integer attribute. */
  public OnnxNode attribute(String name, long value) {
    return attribute(name, INT, new ProtoBytes().varint(3, value));
  }

  /** A float attribute. */
  public OnnxNode attribute(String name, float value) {
    return attribute(name, FLOAT, new ProtoBytes().float32(2, value));
  }

  /** A string attribute. */
  public OnnxNode attribute(String name, String value) {
    return attribute(name, STRING, new ProtoBytes().string(4, value));
  }

  /** An attribute of several integers. */
  public OnnxNode attribute(String name, long[] values) {
    var body = new ProtoBytes();
    for (long value : values) {
      body.varint(8, value);
    }
    return attribute(name, INTS, body);
  }

  /** A tensor attribute. */
  public OnnxNode attribute(String name, OnnxTensorData value) {
    return attribute(name, TENSOR, new ProtoBytes().message(5, value.proto()));
  }

  /** A graph attribute: the body of {@code Loop} or {@code If}. */
  public OnnxNode attribute(String name, OnnxGraph body) {
    return attribute(name, GRAPH, new ProtoBytes().message(6, body.proto()));
  }

  private OnnxNode attribute(String name, int type, ProtoBytes value) {
    value.string(1, name).varint(20, type);
    proto.message(5, value);
    return this;
  }

  ProtoBytes proto() {
    return proto;
  }
}
