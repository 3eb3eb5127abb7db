package dev.millrace.registry.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Locale;

/** Writes tar entries for tests, hostile ones too. */
public final class TarBytes {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** A plain file. */
  public static byte[] entry(String name, byte[] content) {
    return entry(name, '0', content);
  }

  /** An entry of any type. */
  public static byte[] entry(String name, char type, byte[] content) {
    var header = new byte[512];
    put(header, 0, name);
    put(header, 100, "0000644\0");
    put(header, 108, "0000000\0");
    put(header, 116, "0000000\0");
    put(header, 124, String.format(Locale.ROOT, "%011o\0", content.length));
    put(header, 136, "00000000000\0");
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 257, "ustar\0" + "00");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
    var out = new ByteArrayOutputStream();
    out.writeBytes(header);
    out.writeBytes(content);
    out.writeBytes(new byte[-content.length & 511]);
    return out.toByteArray();
  }

  public TarBytes file(String name, byte[] content) {
    return add(entry(name, content));
  }

  public TarBytes add(byte[] raw) {
    bytes.writeBytes(raw);
    return this;
  }

  /** The finished tar. */
  public byte[] end() {
    bytes.writeBytes(new byte[1024]);
    return bytes.toByteArray();
  }

  private static void put(byte[] header, int offset, String text) {
    var bytes = text.getBytes(UTF_8);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }
}
