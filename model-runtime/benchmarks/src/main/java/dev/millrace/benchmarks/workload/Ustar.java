package dev.millrace.benchmarks.workload;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** Writes archives of a few regular files in the POSIX ustar format. */
final class Ustar {
  private static final int BLOCK = 512;
  private static final int MODE = 100;
  private static final int SIZE = 124;
  private static final int TIME = 136;
  private static final int CHECKSUM = 148;
  private static final int TYPE = 156;
  private static final int MAGIC = 257;

  private Ustar() {}

  /** Writes the entries, in their order. */
  static Path write(Path file, Map<String, byte[]> entries) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      for (var entry : entries.entrySet()) {
        byte[] content = entry.getValue();
        out.write(header(entry.getKey(), content.length));
        out.write(content);
        out.write(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
      }
      out.write(new byte[2 * BLOCK]); // two empty blocks end an archive
    }
    return file;
  }

  private static byte[] header(String name, int size) {
    var header = new byte[BLOCK];
    put(header, 0, name);
    put(header, MODE, "0000644\0" + "0000000\0" + "0000000\0");
    put(header, SIZE, String.format(Locale.ROOT, "%011o\0", size));
    put(header, TIME, "00000000000\0");
    // The sum is taken with blanks where it will stand.
    Arrays.fill(header, CHECKSUM, TYPE, (byte) ' ');
    put(header, TYPE, "0");
    put(header, MAGIC, "ustar\00000");
    int sum = 0;
    for (byte each : header) {
      sum += each & 0xff;
    }
    put(header, CHECKSUM, String.format(Locale.ROOT, "%06o\0 ", sum));
    return header;
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }
}
