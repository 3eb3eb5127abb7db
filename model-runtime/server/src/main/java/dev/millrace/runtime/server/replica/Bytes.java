package dev.millrace.runtime.server.replica;

import java.util.Locale;

/** Amounts of memory as people read them. */
final class Bytes {
  private Bytes() {}

  /** For example {@code 86.4 MiB}. */
  static String text(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
  }
}
