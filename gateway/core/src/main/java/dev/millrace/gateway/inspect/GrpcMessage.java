package dev.millrace.gateway.inspect;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The message of a unary gRPC call that the gateway answers itself. Pure. */
public final class GrpcMessage {
  private static final int FRAME_HEADER = 5;

  private GrpcMessage() {}

  /**
   * The message, inflated when its frame says so.
   *
   * @param body all bytes of the call, frame header included
   * @param encoding the call's {@code grpc-encoding}; null for none
   * @param bound most bytes of the message, inflated
   * @throws MillraceException INVALID_ARGUMENT when the body is not exactly one frame or its
   *     content is not of its encoding, NOT_IMPLEMENTED for an encoding we do not know,
   *     PAYLOAD_TOO_LARGE beyond the bound
   */
  public static byte[] only(byte[] body, @Nullable String encoding, int bound) {
    if (body.length < FRAME_HEADER || body[0] < 0 || body[0] > 1) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the call has %d bytes (expected: one message behind a header of %d bytes)",
          body.length,
          FRAME_HEADER);
    }
    int announced = ByteBuffer.wrap(body).getInt(1);
    if (announced != body.length - FRAME_HEADER) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the frame announces %d bytes and %d came (expected: one message)",
          Integer.toUnsignedLong(announced),
          body.length - FRAME_HEADER);
    }
    var content = Arrays.copyOfRange(body, FRAME_HEADER, body.length);
    return body[0] == 0 ? content : inflated(content, encoding, bound);
  }

  private static byte[] inflated(byte[] content, @Nullable String encoding, int bound) {
    if (encoding == null || encoding.equals("identity")) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "a message is marked compressed but grpc-encoding is absent");
    }
    var inflated = InflatedPrefix.inflate(encoding, content, bound + 1);
    if (inflated.bytes().length > bound) {
      throw MillraceException.of(
          ErrorCode.PAYLOAD_TOO_LARGE, "the message inflates beyond %d bytes", bound);
    }
    if (!inflated.complete()) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "the message is not valid %s data", encoding);
    }
    return inflated.bytes();
  }
}
