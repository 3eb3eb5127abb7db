package dev.millrace.protocol.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import org.jspecify.annotations.Nullable;

/** Refusals of bad input, and how text that callers sent is quoted in them. */
final class Reject {
  /** Longer quotes would let a caller choose the size of our answers and logs. */
  private static final int QUOTE_LIMIT = 80;

  private Reject() {}

  static MillraceException because(String format, @Nullable Object... arguments) {
    return MillraceException.of(ErrorCode.INVALID_ARGUMENT, format, arguments);
  }

  static String quote(String text) {
    return text.length() <= QUOTE_LIMIT ? text : text.substring(0, QUOTE_LIMIT) + "…";
  }

  /** The shape as people write it, for example {@code [1,4]}; cut when very long. */
  static String shape(long[] shape) {
    var text = new StringBuilder("[");
    for (int i = 0; i < shape.length && text.length() < QUOTE_LIMIT; i++) {
      text.append(i == 0 ? "" : ",").append(shape[i]);
    }
    return text.append(']').toString();
  }
}
