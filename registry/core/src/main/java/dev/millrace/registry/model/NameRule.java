package dev.millrace.registry.model;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.util.regex.Pattern;

/**
 * What names of projects, models, endpoints, aliases and pools look like: 1–64 lower-case letters,
 * digits, dots, underscores and hyphens, a letter or digit first and last, never two dots in a row.
 * So a name is safe in a URL, a header, a file name and a metric label.
 */
public final class NameRule {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?");
  private static final int LONGEST_QUOTE = 80;

  private NameRule() {}

  /**
   * Returns {@code name} when it is valid.
   *
   * @param kind what is named, for the message: {@code model}, {@code endpoint}, …
   * @throws MillraceException INVALID_ARGUMENT that quotes the name and says what is expected
   */
  public static String check(String kind, String name) {
    if (!NAME.matcher(name).matches() || name.contains("..")) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "%s name '%s' is not valid (expected: 1-64 characters of a-z 0-9 . _ -, a letter or digit"
              + " first and last, no '..')",
          kind,
          quoted(name));
    }
    return name;
  }

  /** Text of a stranger, made safe for a message: short, and without control characters. */
  public static String quoted(String text) {
    var shown = text.length() > LONGEST_QUOTE ? text.substring(0, LONGEST_QUOTE) + "…" : text;
    return shown.replaceAll("\\p{Cntrl}", "?");
  }
}
