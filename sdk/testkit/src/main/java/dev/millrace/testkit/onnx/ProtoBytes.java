package dev.millrace.testkit.onnx;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes the fields of one protobuf message by number. Not thread-safe. */
final class ProtoBytes {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

  private interface Write {
    void run() throws IOException;
  }

  private ProtoBytes write(Write field) {
    try {
      field.run();
      return this;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  ProtoBytes varint(int field, long value) {
    return write(() -> out.writeInt64(field, value));
  }

  ProtoBytes float32(int field, float value) {
    return write(() -> out.writeFloat(field, value));
  }

  ProtoBytes string(int field, String value) {
    return write(() -> out.writeString(field, value));
  }

  ProtoBytes bytes(int field, byte[] value) {
    return write(() -> out.writeByteArray(field, value));
  }

  ProtoBytes message(int field, ProtoBytes value) {
    return bytes(field, value.toByteArray());
  }

  byte[] toByteArray() {
    write(out::flush);
    return bytes.toByteArray();
  }
}
