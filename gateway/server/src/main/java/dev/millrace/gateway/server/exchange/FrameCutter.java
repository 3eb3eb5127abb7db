package dev.millrace.gateway.server.exchange;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Cuts a gRPC stream's bytes into frames. The gateway has bounded each of them. Confined to the
 * call's event loop.
 */
public final class FrameCutter {
  private static final int HEADER = 5;

  private final Consumer<ByteBuffer> frames;
  private Buffer held = Buffer.buffer(0);

  /**
   * A cutter.
   *
   * @param frames takes each whole frame with its header, in memory of its own
   */
  public FrameCutter(Consumer<ByteBuffer> frames) {
    this.frames = frames;
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
      frames.accept(ByteBuffer.wrap(frame));
    }
    held =
        position == bytes.length() ? Buffer.buffer(0) : bytes.getBuffer(position, bytes.length());
  }
}
