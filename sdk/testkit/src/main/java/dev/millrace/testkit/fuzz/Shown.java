package dev.millrace.testkit.fuzz;

import java.util.Locale;

/** Bytes so that they can be written into a test. Pure. */
final class Shown {
  private static final int MOST = 3_000;

  private Shown() {}

  static String bytes(byte[] bytes) {
    var text = new StringBuilder();
    text.append(bytes.length).append(" bytes: \"");
    for (int i = 0; i < Math.min(bytes.length, MOST); i++) {
      int value = bytes[i] & 0xff;
      if (value >= ' ' && value < 0x7f && value != '\\') {
        text.append((char) value);
      } else {
        text.append(String.format(Locale.ROOT, "\\x%02x", value));
      }
    }
    return text.append(bytes.length > MOST ? "\"…" : "\"").toString();
  }
}
