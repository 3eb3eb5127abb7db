package dev.millrace.registry.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.model.NameRule;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar of plain files as a stream: ustar, with the pax and GNU records for long names and
 * sizes. Links, devices, folders other than {@code ./} and damaged headers are INVALID_ARGUMENT. It
 * never seeks and holds one block. For one thread.
 */
final class TarReader {
  static final int BLOCK = 512;
  private static final int LONGEST_RECORD = 1 << 16;

  private final InputStream source;
  private long left;
  private int padding;
  private @Nullable String pendingName;
  private @Nullable Long pendingSize;

  TarReader(InputStream source) {
    this.source = source;
  }

  /** A plain file; its bytes come next from {@link #content}. */
  record Entry(String name, long size) {}

  /** Whether a file that begins with {@code block} is a tar: its header's checksum holds. */
  static boolean begins(byte[] block) {
    return block.length == BLOCK && !isZero(block) && checksumHolds(block);
  }

  /** The next plain file, after skipping what is left of this one; null at the end. */
  @Nullable Entry next() throws IOException {
    skipRest();
    while (true) {
      var header = block();
      if (isZero(header)) {
        return null;
      }
      if (!checksumHolds(header)) {
        throw bad("a header is damaged");
      }
      long size = pendingSize == null ? octal(header, 124, 12) : pendingSize;
      char type = (char) (header[156] & 0xff);
      switch (type) {
        case 'x' -> paxRecords(record(octal(header, 124, 12)));
        case 'g' -> record(octal(header, 124, 12));
        case 'L' -> pendingName = cut(record(octal(header, 124, 12)));
        case '0', '\0', '7' -> {
          return open(name(header), size);
        }
        case '5' -> {
          var folder = name(header);
          if (!folder.equals("./") && !folder.equals(".")) {
            throw bad("entry '%s' is a folder".formatted(NameRule.quoted(folder)));
          }
        }
        default ->
            throw bad("entry '%s' is %s".formatted(NameRule.quoted(name(header)), kind(type)));
      }
    }
  }

  /** The bytes of the entry that {@link #next} returned; ends with it, not to be closed. */
  InputStream content() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
          return 0;
        }
        if (left == 0) {
          return -1;
        }
        int read = source.read(bytes, offset, (int) Math.min(length, left));
        if (read < 0) {
          throw truncated();
        }
        left -= read;
        return read;
      }
    };
  }

  private Entry open(String name, long size) {
    pendingName = null;
    pendingSize = null;
    left = size;
    padding = (int) (-size & (BLOCK - 1));
    return new Entry(name, size);
  }

  private void skipRest() throws IOException {
    content().transferTo(OutputStream.nullOutputStream());
    if (source.readNBytes(padding).length < padding) {
      throw truncated();
    }
    padding = 0;
  }

  private byte[] block() throws IOException {
    var block = source.readNBytes(BLOCK);
    if (block.length < BLOCK) {
      throw truncated();
    }
    return block;
  }

  private byte[] record(long size) throws IOException {
    if (size > LONGEST_RECORD) {
      throw bad("an extension record is %d bytes long".formatted(size));
    }
    int padded = (int) ((size + BLOCK - 1) / BLOCK * BLOCK);
    var bytes = source.readNBytes(padded);
    if (bytes.length < padded) {
      throw truncated();
    }
    return Arrays.copyOf(bytes, (int) size);
  }

  /** Lines of {@code LENGTH KEY=VALUE}. */
  private void paxRecords(byte[] bytes) {
    int at = 0;
    while (at < bytes.length) {
      int space = at;
      while (space < bytes.length && bytes[space] != ' ') {
        space++;
      }
      int length = (int) number(new String(bytes, at, space - at, UTF_8), 10);
      if (length < space - at + 3 || at + length > bytes.length) {
        throw bad("a pax record is damaged");
      }
      var line = new String(bytes, space + 1, at + length - space - 2, UTF_8);
      int equals = line.indexOf('=');
      var key = equals < 0 ? line : line.substring(0, equals);
      if (key.equals("path")) {
        pendingName = line.substring(equals + 1);
      } else if (key.equals("size")) {
        pendingSize = number(line.substring(equals + 1), 10);
      } else if (key.startsWith("GNU.sparse")) {
        throw bad("a file is sparse");
      }
      at += length;
    }
  }

  private String name(byte[] header) {
    if (pendingName != null) {
      return pendingName;
    }
    var name = text(header, 0, 100);
    var ustar = text(header, 257, 5).equals("ustar") && header[262] == 0;
    var prefix = ustar ? text(header, 345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private static String kind(char type) {
    return switch (type) {
      case '1', '2' -> "a link";
      case '3', '4', '6' -> "a device";
      default -> "of type '%s'".formatted(NameRule.quoted(Character.toString(type)));
    };
  }

  private static boolean checksumHolds(byte[] header) {
    long unsigned = 0;
    for (int i = 0; i < BLOCK; i++) {
      unsigned += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    var stated = text(header, 148, 8).strip();
    return stated.matches("[0-7]{1,7}") && Long.parseLong(stated, 8) == unsigned;
  }

  private static long octal(byte[] header, int offset, int length) {
    if (header[offset] < 0) {
      throw bad("an entry is larger than 8 GiB");
    }
    var digits = text(header, offset, length).strip();
    return digits.isEmpty() ? 0 : number(digits, 8);
  }

  private static long number(String digits, int radix) {
    try {
      long value = Long.parseLong(digits, radix);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException damaged) {
      // falls through: one answer for all damage
    }
    throw bad("a number in a header is damaged");
  }

  private static String cut(byte[] bytes) {
    return text(bytes, 0, bytes.length);
  }

  private static String text(byte[] bytes, int offset, int length) {
    int end = offset;
    while (end < offset + length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, offset, end - offset, UTF_8);
  }

  private static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private static MillraceException truncated() {
    return bad("it ends in the middle of an entry");
  }

  private static MillraceException bad(String why) {
    return MillraceException.of(
        ErrorCode.INVALID_ARGUMENT, "bad bundle: " + why + " (expected: a .tar of plain files)");
  }
}
