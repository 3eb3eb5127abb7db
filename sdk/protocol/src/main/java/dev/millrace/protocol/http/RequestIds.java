package dev.millrace.protocol.http;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The rule for the ids under which calls are logged and answered. They land in log lines and
 * headers: letters, digits and {@code -_.:} only, at most 128 of them.
 */
public final class RequestIds {
  private static final int LONGEST = 128;
  private static final String HEX = "0123456789abcdef";

  private RequestIds() {}

  /** The caller's id when it keeps the rule; otherwise a new one of 32 hex digits. */
  public static String orNew(@Nullable String given) {
    return given != null && isSane(given) ? given : made();
  }

  private static boolean isSane(String id) {
    if (id.isEmpty() || id.length() > LONGEST) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean plain =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || "-_.:".indexOf(c) >= 0;
      if (!plain) {
        return false;
      }
    }
    return true;
  }

  private static String made() {
    var digits = new char[32];
    var random = ThreadLocalRandom.current();
    hex(random.nextLong(), digits, 0);
    hex(random.nextLong(), digits, 16);
    return new String(digits);
  }

  /** By hand: this runs once a call. */
  private static void hex(long value, char[] into, int offset) {
    for (int i = 0; i < 16; i++) {
      into[offset + i] = HEX.charAt((int) (value >>> (60 - 4 * i)) & 0xf);
    }
  }
}
