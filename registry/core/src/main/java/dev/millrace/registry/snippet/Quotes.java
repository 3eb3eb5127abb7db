package dev.millrace.registry.snippet;

import java.util.Locale;

/** Text as a literal of a language: whatever it contains, it stays one word there. Pure. */
final class Quotes {
  private Quotes() {}

  /** For POSIX shells: nothing is special between single quotes but the single quote. */
  static String shell(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /** For Java. */
  static String java(String text) {
    var literal = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> literal.append("\\\"");
        case '\\' -> literal.append("\\\\");
        case '\n' -> literal.append("\\n");
        case '\r' -> literal.append("\\r");
        case '\t' -> literal.append("\\t");
        default -> {
          if (c < ' ' || c > '~') {
            // Octal: a Unicode escape of a line break would be one before the literal is read.
            literal.append(c < ' ' ? octal(c) : String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            literal.append(c);
          }
        }
      }
    }
    return literal.append('"').toString();
  }

  private static String octal(char c) {
    return String.format(Locale.ROOT, "\\%03o", (int) c);
  }
}
