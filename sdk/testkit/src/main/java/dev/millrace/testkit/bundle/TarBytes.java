package dev.millrace.testkit.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Locale;

/**
 * Writes tar archives (POSIX ustar) in memory: plain ones, and hostile ones that no tool writes.
 * The same entries give the same bytes. Not thread-safe.
 */
public final class TarBytes {
  private static final int BLOCK = 512;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** A plain file. */
  public static byte[] entry(String name, byte[] content) {
    return entry(name, '0', content);
  }

  /** An entry of any type. */
  public static byte[] entry(String name, char type, byte[] content) {
    var header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, "0000644\0");
    put(header, 108, "0000000\0");
    put(header, 116, "0000000\0");
    put(header, 124, String.format(Locale.ROOT, "%011o\0", content.length));
    put(header, 136, "00000000000\0");
    // The sum is taken with blanks where it will stand.
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 257, "ustar\0" + "00");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
    var out = new ByteArrayOutputStream(content.length + 2 * BLOCK);
    out.writeBytes(header);
    out.writeBytes(content);
    out.writeBytes(new byte[-content.length & (BLOCK - 1)]);
    return out.toByteArray();
  }

  /** Appends a plain file. */
  public TarBytes file(String name, byte[] content) {
    return add(entry(name, content));
  }

  /** Appends bytes as they are. */
  public TarBytes add(byte[] raw) {
    bytes.writeBytes(raw);
    return this;
  }

  /** The finished archive. */
  public byte[] end() {
    bytes.writeBytes(new byte[2 * BLOCK]);
    return bytes.toByteArray();
  }

  private static void put(byte[] header, int offset, String text) {
    var bytes = text.getBytes(UTF_8);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }
}
