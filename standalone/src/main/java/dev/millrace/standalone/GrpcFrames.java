package dev.millrace.standalone;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** The framing of gRPC messages: one flag byte, four bytes of length, the message. Pure. */
final class GrpcFrames {
  private static final int HEADER_BYTES = 5;

  /** Over what the gateway lets in, so that only a message that inflates can reach it. */
  private static final int LARGEST_MESSAGE = 64 << 20;

  /** Up to here one buffer is cheaper to send than several. */
  private static final int SMALL_MESSAGE = 8 << 10;

  private GrpcFrames() {}

  /**
   * The message of a unary call, inflated when its frame says so.
   *
   * @param encoding the call's {@code grpc-encoding}; null means identity
   * @throws MillraceException INVALID_ARGUMENT when the body is not exactly one whole frame,
   *     UNSUPPORTED_MEDIA for an encoding other than gzip, deflate and identity, PAYLOAD_TOO_LARGE
   *     when it inflates beyond 64 MiB
   */
  static ByteBuffer onlyMessage(ByteBuffer body, @Nullable String encoding) {
    if (body.remaining() < HEADER_BYTES) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "the call ended before a whole message (expected: one)");
    }
    int flag = body.get(body.position());
    long length = Integer.toUnsignedLong(body.getInt(body.position() + 1));
    if (length != body.remaining() - HEADER_BYTES) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the frame announces %d bytes and %d came (expected: one message)",
          length,
          body.remaining() - HEADER_BYTES);
    }
    ByteBuffer message = body.slice(body.position() + HEADER_BYTES, (int) length);
    if (flag == 0) {
      return message;
    }
    try (InputStream inflated = inflater(encoding, message)) {
      byte[] bytes = inflated.readNBytes(LARGEST_MESSAGE + 1);
      if (bytes.length > LARGEST_MESSAGE) {
        throw MillraceException.of(
            ErrorCode.PAYLOAD_TOO_LARGE, "the message inflates beyond %d bytes", LARGEST_MESSAGE);
      }
      return ByteBuffer.wrap(bytes);
    } catch (IOException malformed) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "the message is not valid %s data", encoding);
    }
  }

  /**
   * An uncompressed message with its frame header. A small one in one buffer, which is a copy; the
   * parts of a larger one stay what they are.
   */
  static List<ByteBuffer> frame(List<ByteBuffer> message) {
    long length = 0;
    for (ByteBuffer part : message) {
      length += part.remaining();
    }
    boolean small = length <= SMALL_MESSAGE;
    var head = ByteBuffer.allocate(small ? HEADER_BYTES + (int) length : HEADER_BYTES);
    head.put((byte) 0).putInt(Math.toIntExact(length));
    if (small) {
      for (ByteBuffer part : message) {
        head.put(part.duplicate());
      }
      return List.of(head.flip());
    }
    var parts = new ArrayList<ByteBuffer>(message.size() + 1);
    parts.add(head.flip());
    parts.addAll(message);
    return parts;
  }

  private static InputStream inflater(@Nullable String encoding, ByteBuffer message)
      throws IOException {
    byte[] bytes = new byte[message.remaining()];
    message.get(bytes);
    var in = new ByteArrayInputStream(bytes);
    if ("gzip".equals(encoding)) {
      return new GZIPInputStream(in);
    }
    if ("deflate".equals(encoding)) {
      return new InflaterInputStream(in);
    }
    throw MillraceException.of(
        ErrorCode.UNSUPPORTED_MEDIA,
        "grpc-encoding '%s' (expected: gzip, deflate or identity)",
        encoding);
  }
}
