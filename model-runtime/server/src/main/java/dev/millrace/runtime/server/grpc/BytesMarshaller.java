package dev.millrace.runtime.server.grpc;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/** Passes encoded messages through as buffers: one when parsed, any number of parts when sent. */
final class BytesMarshaller implements Marshaller<List<ByteBuffer>> {
  /** What a message that cannot be inflated is parsed to: an exception here would count as ours. */
  static final List<ByteBuffer> BROKEN = List.of();

  /** What a message is parsed to that inflates beyond the server's limit. */
  static final List<ByteBuffer> TOO_LARGE = List.of(ByteBuffer.allocate(0), ByteBuffer.allocate(0));

  static final BytesMarshaller INSTANCE = new BytesMarshaller();

  private BytesMarshaller() {}

  @Override
  public InputStream stream(List<ByteBuffer> message) {
    return new PartsStream(message);
  }

  @Override
  public List<ByteBuffer> parse(InputStream stream) {
    try {
      // gRPC's own streams know their length: one array of the right size, filled once.
      byte[] bytes =
          stream instanceof KnownLength
              ? stream.readNBytes(stream.available())
              : stream.readAllBytes();
      return List.of(ByteBuffer.wrap(bytes));
    } catch (IOException broken) {
      return BROKEN;
    } catch (StatusRuntimeException overTheLimit) {
      // gRPC's own stream counts what it inflates, and would end the call in words of its own.
      return TOO_LARGE;
    }
  }

  /** The parts one after another; drained straight into the transport's buffers. */
  private static final class PartsStream extends InputStream implements KnownLength, Drainable {
    private final ByteBuffer[] parts;
    private int index;

    PartsStream(List<ByteBuffer> message) {
      parts = message.stream().map(ByteBuffer::duplicate).toArray(ByteBuffer[]::new);
    }

    @Override
    public int available() {
      int total = 0;
      for (int i = index; i < parts.length; i++) {
        total = Math.addExact(total, parts[i].remaining());
      }
      return total;
    }

    @Override
    public int read() {
      skipEmpty();
      return index == parts.length ? -1 : parts[index].get() & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      skipEmpty();
      if (length == 0) {
        return 0;
      }
      if (index == parts.length) {
        return -1;
      }
      int count = Math.min(length, parts[index].remaining());
      parts[index].get(target, offset, count);
      return count;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int total = available();
      WritableByteChannel channel = null;
      for (; index < parts.length; index++) {
        ByteBuffer part = parts[index];
        if (part.hasArray()) {
          target.write(part.array(), part.arrayOffset() + part.position(), part.remaining());
          part.position(part.limit());
        } else {
          channel = channel == null ? Channels.newChannel(target) : channel;
          while (part.hasRemaining()) {
            channel.write(part);
          }
        }
      }
      return total;
    }

    private void skipEmpty() {
      while (index < parts.length && !parts[index].hasRemaining()) {
        index++;
      }
    }
  }
}
