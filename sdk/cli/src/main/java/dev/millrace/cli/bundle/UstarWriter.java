package dev.millrace.cli.bundle;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes plain files as a POSIX ustar archive. The same entries give the same bytes: owner, mode
 * and time are fixed, so that a repeated upload has the same digest. For one thread.
 */
final class UstarWriter implements Closeable {
  private static final int BLOCK = 512;

  /** The size field is 11 octal digits. */
  private static final long LARGEST = (1L << 33) - 1;

  private final OutputStream out;

  UstarWriter(OutputStream out) {
    this.out = out;
  }

  /**
   * Appends a file.
   *
   * @param name at most 100 bytes, without folders
   * @param size the exact number of bytes that {@code content} gives
   */
  void file(String name, long size, InputStream content) throws IOException {
    out.write(header(name, size));
    long copied = content.transferTo(out);
    if (copied != size) {
      throw new IOException(name + " changed while it was packed");
    }
    out.write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
  }

  private static byte[] header(String name, long size) throws IOException {
    byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
    if (encoded.length > 100) {
      throw new IOException("the name " + name + " is too long for a bundle (at most 100 bytes)");
    }
    if (size > LARGEST) {
      throw new IOException(name + " is too large for a bundle (at most 8 GiB)");
    }
    var header = new byte[BLOCK];
    System.arraycopy(encoded, 0, header, 0, encoded.length);
    octal(header, 100, 8, 0644);
    octal(header, 108, 8, 0);
    octal(header, 116, 8, 0);
    octal(header, 124, 12, size);
    octal(header, 136, 12, 0);
    Arrays.fill(header, 148, 156, (byte) ' ');
    header[156] = '0';
    text(header, 257, "ustar\0" + "00");
    long sum = 0;
    for (byte each : header) {
      sum += each & 0xff;
    }
    octal(header, 148, 7, sum);
    return header;
  }

  /** Octal digits with leading zeros and a final NUL. */
  private static void octal(byte[] header, int offset, int length, long value) {
    String digits = Long.toOctalString(value);
    text(header, offset, "0".repeat(length - 1 - digits.length()) + digits + "\0");
  }

  private static void text(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }

  /** Writes the end mark and closes the stream. */
  @Override
  public void close() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.close();
  }
}
