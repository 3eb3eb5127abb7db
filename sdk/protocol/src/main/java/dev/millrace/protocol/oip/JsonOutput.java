package dev.millrace.protocol.oip;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing buffer of JSON text in UTF-8. Not thread-safe. */
final class JsonOutput {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** Room that any number, keyword or escape fits in. */
  private static final int TOKEN = 32;

  /** Below this, a float without a fraction is written as an integer and ".0". */
  private static final int PLAIN_LIMIT = 1_000_000;

  /** What an answer of a few numbers takes. */
  private byte[] buffer = new byte[192];

  private int size;

  /** Makes room for {@code bytes} more, so that a loop grows once. */
  JsonOutput reserve(long bytes) {
    long needed = size + bytes;
    if (needed > buffer.length) {
      long grown = Math.max(needed, buffer.length * 2L);
      buffer = Arrays.copyOf(buffer, Math.toIntExact(Math.min(grown, Integer.MAX_VALUE - 8L)));
    }
    return this;
  }

  JsonOutput raw(char character) {
    if (size == buffer.length) {
      reserve(TOKEN);
    }
    buffer[size++] = (byte) character;
    return this;
  }

  JsonOutput ascii(String text) {
    reserve(text.length());
    for (int i = 0; i < text.length(); i++) {
      buffer[size++] = (byte) text.charAt(i);
    }
    return this;
  }

  JsonOutput name(String name) {
    return string(name).raw(':');
  }

  JsonOutput number(long value) {
    reserve(TOKEN);
    size = NumberOutput.outputLong(value, buffer, size);
    return this;
  }

  JsonOutput unsigned(long value) {
    return value >= 0 ? number(value) : ascii(Long.toUnsignedString(value));
  }

  /** The shortest text that reads back as this very float; bare NaN and Infinity. */
  JsonOutput number(float value) {
    int whole = (int) value;
    if (whole == value && Math.abs(whole) < PLAIN_LIMIT && (whole != 0 || isPlusZero(value))) {
      return whole(whole);
    }
    if (!Float.isFinite(value)) {
      return ascii(Float.toString(value));
    }
    reserve(TOKEN);
    size = ShortestDecimal.write(value, buffer, size);
    return this;
  }

  /** The shortest text that reads back as this very double; bare NaN and Infinity. */
  JsonOutput number(double value) {
    int whole = (int) value;
    if (whole == value
        && Math.abs(whole) < PLAIN_LIMIT
        && (whole != 0 || Double.doubleToRawLongBits(value) == 0)) {
      return whole(whole);
    }
    if (!Double.isFinite(value)) {
      return ascii(Double.toString(value));
    }
    reserve(TOKEN);
    size = ShortestDecimal.write(value, buffer, size);
    return this;
  }

  private static boolean isPlusZero(float value) {
    return Float.floatToRawIntBits(value) == 0;
  }

  private JsonOutput whole(int value) {
    reserve(TOKEN);
    size = NumberOutput.outputInt(value, buffer, size);
    buffer[size++] = '.';
    buffer[size++] = '0';
    return this;
  }

  JsonOutput string(String text) {
    // Names, nearly always: they need no copy in another encoding.
    reserve(text.length() + (long) TOKEN);
    int start = size;
    buffer[size++] = '"';
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      if (character < 0x20 || character > 0x7E || character == '"' || character == '\\') {
        size = start;
        return string(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      }
      buffer[size++] = (byte) character;
    }
    buffer[size++] = '"';
    return this;
  }

  /** A string given as valid UTF-8; quotes, backslashes and control characters are escaped. */
  JsonOutput string(ByteBuffer utf8) {
    reserve(utf8.remaining() + (long) TOKEN);
    buffer[size++] = '"';
    for (int i = utf8.position(); i < utf8.limit(); i++) {
      byte b = utf8.get(i);
      if (b >= 0 && (b < 0x20 || b == '"' || b == '\\')) {
        reserve(utf8.limit() - i + (long) TOKEN);
        escape(b);
      } else {
        buffer[size++] = b;
      }
    }
    return raw('"');
  }

  private void escape(byte b) {
    buffer[size++] = '\\';
    if (b == '"' || b == '\\') {
      buffer[size++] = b;
    } else if (b == '\n') {
      buffer[size++] = 'n';
    } else {
      buffer[size++] = 'u';
      buffer[size++] = '0';
      buffer[size++] = '0';
      buffer[size++] = HEX[b >> 4];
      buffer[size++] = HEX[b & 0xF];
    }
  }

  /** Bytes written so far. */
  int size() {
    return size;
  }

  /** Bytes that are no JSON, behind it. */
  void blob(ByteBuffer blob) {
    int length = blob.remaining();
    reserve(length);
    blob.get(blob.position(), buffer, size, length);
    size += length;
  }

  /** What was written; this object must not be used afterwards. */
  ByteBuffer toBuffer() {
    return ByteBuffer.wrap(buffer, 0, size);
  }
}
