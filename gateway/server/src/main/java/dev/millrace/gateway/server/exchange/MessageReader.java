package dev.millrace.gateway.server.exchange;

import dev.millrace.protocol.error.MillraceException;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a gRPC stream's bytes into messages. The gateway has bounded each of them. Confined to the
 * call's event loop.
 */
public final class MessageReader {
  private static final int HEADER = 5;

  private final @Nullable String encoding;
  private final int largest;
  private final Consumer<ByteBuffer> messages;
  private final Consumer<MillraceException> broken;
  private Buffer held = Buffer.buffer(0);

  /**
   * A reader.
   *
   * @param encoding the stream's {@code grpc-encoding}; null means identity
   * @param largest most bytes that a compressed message may inflate to
   * @param messages takes each whole message, inflated
   * @param broken takes what is wrong with one that cannot be inflated, in its place
   */
  public MessageReader(
      @Nullable String encoding,
      int largest,
      Consumer<ByteBuffer> messages,
      Consumer<MillraceException> broken) {
    this.broken = broken;
    this.encoding = encoding;
    this.largest = largest;
    this.messages = messages;
  }

  /** Takes the next bytes. */
  public void read(Buffer chunk) {
    Buffer bytes = held.length() == 0 ? chunk : held.appendBuffer(chunk);
    int position = 0;
    while (bytes.length() - position >= HEADER) {
      long end = position + HEADER + bytes.getUnsignedInt(position + 1);
      if (end > bytes.length()) {
        break;
      }
      // Its own copy: the stream's bytes go on while the message is computed.
      byte[] frame = bytes.getBytes(position, (int) end);
      position = (int) end;
      accept(ByteBuffer.wrap(frame));
    }
    held =
        position == bytes.length() ? Buffer.buffer(0) : bytes.getBuffer(position, bytes.length());
  }

  private void accept(ByteBuffer frame) {
    ByteBuffer message;
    try {
      message = GrpcFrames.onlyMessage(frame, encoding, largest);
    } catch (MillraceException malformed) {
      broken.accept(malformed);
      return;
    }
    messages.accept(message);
  }
}
