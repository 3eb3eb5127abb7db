package dev.millrace.registry.onnx;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Writes protobuf fields by hand, for files that no exporter would write. */
public final class ProtoWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

  public ProtoWriter number(int field, long value) {
    return write(() -> out.writeInt64(field, value));
  }

  public ProtoWriter text(int field, String value) {
    return raw(field, value.getBytes(StandardCharsets.UTF_8));
  }

  public ProtoWriter message(int field, ProtoWriter value) {
    return raw(field, value.bytes());
  }

  public ProtoWriter raw(int field, byte[] value) {
    return write(() -> out.writeByteArray(field, value));
  }

  /** A length-delimited field whose length promises more than comes. */
  public ProtoWriter lyingLength(int field, int length) {
    return write(
        () -> {
          out.writeTag(field, 2);
          out.writeUInt32NoTag(length);
        });
  }

  public byte[] bytes() {
    write(out::flush);
    return bytes.toByteArray();
  }

  /** A {@code ValueInfoProto}; a dimension is a number, a symbol, or "" for a free one. */
  public static ProtoWriter value(String name, int elementType, String... dimensions) {
    var shape = new ProtoWriter();
    for (var dimension : dimensions) {
      var dim = new ProtoWriter();
      if (dimension.matches("[0-9]+")) {
        dim.number(1, Long.parseLong(dimension));
      } else if (!dimension.isEmpty()) {
        dim.text(2, dimension);
      }
      shape.message(1, dim);
    }
    var tensor = new ProtoWriter().number(1, elementType).message(2, shape);
    return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, tensor));
  }

  /** A {@code ModelProto} around a graph. */
  public static byte[] model(ProtoWriter graph) {
    return new ProtoWriter().number(1, 9).message(7, graph).bytes();
  }

  private interface Step {
    void run() throws IOException;
  }

  private ProtoWriter write(Step step) {
    try {
      step.run();
      return this;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
