package dev.millrace.protocol.tensor;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The bytes of a {@link DataType#BYTES} tensor: per element a 4-byte unsigned little-endian length,
 * then that many bytes. All methods are pure and leave positions alone.
 */
public final class BytesFraming {
  private static final int PREFIX = Integer.BYTES;

  private BytesFraming() {}

  /**
   * Checks that {@code data} holds exactly {@code elements} well-framed elements.
   *
   * @param label how the message names the tensor, for example {@code input 'text'}
   * @throws MillraceException INVALID_ARGUMENT, naming the element
   */
  public static void check(String label, ByteBuffer data, long elements) {
    ByteBuffer in = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    long count = 0;
    while (in.hasRemaining()) {
      if (in.remaining() < PREFIX) {
        throw invalid(
            "%s, element %d: %d bytes left, but a length takes 4", label, count, in.remaining());
      }
      long length = Integer.toUnsignedLong(in.getInt());
      if (length > in.remaining()) {
        throw invalid(
            "%s, element %d: its length says %d bytes, but %d are left",
            label, count, length, in.remaining());
      }
      in.position(in.position() + (int) length);
      count++;
    }
    if (count != elements) {
      throw invalid("%s: data has %d elements, but its shape needs %d", label, count, elements);
    }
  }

  private static MillraceException invalid(String format, Object... arguments) {
    return MillraceException.of(ErrorCode.INVALID_ARGUMENT, format, arguments);
  }

  /**
   * Takes the next element and moves {@code data} behind it.
   *
   * @param data little-endian, checked, positioned at a length
   * @return a view of the element's bytes
   */
  public static ByteBuffer next(ByteBuffer data) {
    int length = data.getInt();
    ByteBuffer element = data.slice(data.position(), length);
    data.position(data.position() + length);
    return element;
  }

  /** The framed form of the elements. */
  public static ByteBuffer encode(List<byte[]> elements) {
    long size = 0;
    for (byte[] element : elements) {
      size += PREFIX + (long) element.length;
    }
    if (size > Integer.MAX_VALUE) {
      throw MillraceException.of(
          ErrorCode.PAYLOAD_TOO_LARGE, "%d bytes of strings do not fit one tensor", size);
    }
    ByteBuffer out = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
    for (byte[] element : elements) {
      out.putInt(element.length).put(element);
    }
    return out.flip();
  }
}
