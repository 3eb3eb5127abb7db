package dev.millrace.gateway.server.exchange;

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
public final class GrpcFrames {
  private static final int HEADER_BYTES = 5;

  /** Compressing less would not save a packet. */
  private static final int SMALLEST_COMPRESSED = 1 << 10;

  /** Up to here one buffer is cheaper to send than several. */
  private static final int SMALL_MESSAGE = 8 << 10;

  private GrpcFrames() {}

  /**
   * The message of a unary call, inflated when its frame says so.
   *
   * @param encoding the call's {@code grpc-encoding}; null means identity
   * @param largest most bytes that it may inflate to
   * @throws MillraceException INVALID_ARGUMENT when the body is not exactly one whole frame or a
   *     message is compressed in no encoding, NOT_IMPLEMENTED for an encoding other than gzip,
   *     deflate and identity, PAYLOAD_TOO_LARGE when it inflates beyond {@code largest}
   */
  public static ByteBuffer onlyMessage(ByteBuffer body, @Nullable String encoding, int largest) {
    ByteBuffer message = content(body);
    return body.get(body.position()) == 0 ? message : inflated(message, encoding, largest);
  }

  /**
   * The same message when it is there at once: uncompressed, or at most {@code small} bytes before
   * and after it is inflated. Few bytes may inflate to many; only trying tells, and ends soon.
   *
   * @return null when {@link #onlyMessage} may take long
   * @throws MillraceException as {@link #onlyMessage}
   */
  public static @Nullable ByteBuffer smallMessage(
      ByteBuffer body, @Nullable String encoding, int largest, int small) {
    ByteBuffer message = content(body);
    if (body.get(body.position()) == 0) {
      return message;
    }
    if (message.remaining() > small) {
      return null;
    }
    try {
      return inflated(message, encoding, Math.min(small, largest));
    } catch (MillraceException refused) {
      if (refused.code() == ErrorCode.PAYLOAD_TOO_LARGE && small < largest) {
        return null;
      }
      throw refused;
    }
  }

  /** What is in the frame. */
  private static ByteBuffer content(ByteBuffer body) {
    if (body.remaining() < HEADER_BYTES) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "the call ended before a whole message (expected: one)");
    }
    long length = Integer.toUnsignedLong(body.getInt(body.position() + 1));
    if (length != body.remaining() - HEADER_BYTES) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the frame announces %d bytes and %d came (expected: one message)",
          length,
          body.remaining() - HEADER_BYTES);
    }
    return body.slice(body.position() + HEADER_BYTES, (int) length);
  }

  private static ByteBuffer inflated(ByteBuffer message, @Nullable String encoding, int largest) {
    try (InputStream inflated = inflater(encoding, message.duplicate())) {
      byte[] bytes = inflated.readNBytes(largest);
      if (inflated.read() >= 0) {
        throw MillraceException.of(
            ErrorCode.PAYLOAD_TOO_LARGE, "the message inflates beyond %d bytes", largest);
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
  public static List<ByteBuffer> frame(List<ByteBuffer> message) {
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

  /**
   * A message compressed and framed, or only framed when it is so small that compressing it would
   * not save a packet.
   *
   * @param encoding null for none
   */
  public static List<ByteBuffer> frame(
      List<ByteBuffer> message, @Nullable AnswerEncoding encoding) {
    int length = 0;
    for (ByteBuffer part : message) {
      length = Math.addExact(length, part.remaining());
    }
    if (encoding == null || length < SMALLEST_COMPRESSED) {
      return frame(message);
    }
    var plain = ByteBuffer.allocate(length);
    message.forEach(part -> plain.put(part.duplicate()));
    byte[] compressed = encoding.compress(plain.array());
    return List.of(
        ByteBuffer.allocate(HEADER_BYTES + compressed.length)
            .put((byte) 1)
            .putInt(compressed.length)
            .put(compressed)
            .flip());
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
    if (encoding == null || "identity".equals(encoding)) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the message is compressed and the call names no grpc-encoding (expected: gzip or deflate)");
    }
    throw MillraceException.of(
        ErrorCode.NOT_IMPLEMENTED,
        "grpc-encoding '%s' is not offered (expected: gzip, deflate or identity)",
        encoding);
  }
}
