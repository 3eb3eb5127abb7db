package dev.millrace.gateway.server.exchange;

import dev.millrace.protocol.error.MillraceException;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages in a gRPC stream's bytes, inflated at once: for streams whose messages are small.
 * Confined to the call's event loop.
 */
public final class MessageReader {
  private final @Nullable String encoding;
  private final int largest;
  private final Consumer<ByteBuffer> messages;
  private final Consumer<MillraceException> broken;
  private final FrameCutter frames = new FrameCutter(this::accept);

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
    frames.read(chunk);
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
