package dev.millrace.benchmarks.wire;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Messages as the bytes they are: encoding and decoding stay out of the measured path. */
public enum ByteMarshaller implements Marshaller<byte[]> {
  /** The only one: it has no state. */
  INSTANCE;

  @Override
  public InputStream stream(byte[] message) {
    return new ByteArrayInputStream(message);
  }

  @Override
  public byte[] parse(InputStream stream) {
    try {
      return stream instanceof KnownLength ? exactly(stream) : stream.readAllBytes();
    } catch (IOException e) {
      throw Status.INTERNAL.withDescription("message cut short").withCause(e).asRuntimeException();
    }
  }

  /** One array of the right size: one that grows would copy a large message twice. */
  private static byte[] exactly(InputStream stream) throws IOException {
    var message = new byte[stream.available()];
    if (stream.readNBytes(message, 0, message.length) < message.length) {
      throw new IOException("shorter than announced");
    }
    return message;
  }
}
