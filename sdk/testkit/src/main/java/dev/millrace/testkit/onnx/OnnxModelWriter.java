package dev.millrace.testkit.onnx;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Turns a graph into the bytes of an {@code .onnx} file. IR version 8 and opset 17 unless told
 * otherwise. Not thread-safe.
 */
public final class OnnxModelWriter {
  private int irVersion = 8;
  private int opset = 17;
  private String producer = "millrace-testkit";
  private final Map<String, String> metadata = new LinkedHashMap<>();

  /** The version of the file format; 8 to 10 are what the runtime reads for certain. */
  public OnnxModelWriter irVersion(int version) {
    irVersion = version;
    return this;
  }

  /** The version of the default operator set. */
  public OnnxModelWriter opset(int version) {
    opset = version;
    return this;
  }

  /** The name of the producer. */
  public OnnxModelWriter producer(String name) {
    producer = name;
    return this;
  }

  /** One entry of the model's metadata. */
  public OnnxModelWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /** The file. */
  public byte[] write(OnnxGraph graph) {
    var model =
        new ProtoBytes()
            .varint(1, irVersion)
            .string(2, producer)
            .string(3, "1")
            .message(7, graph.proto())
            .message(8, new ProtoBytes().string(1, "").varint(2, opset));
    metadata.forEach(
        (key, value) -> model.message(14, new ProtoBytes().string(1, key).string(2, value)));
    return model.toByteArray();
  }
}
