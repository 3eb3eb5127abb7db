package dev.millrace.process.trace;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import org.jspecify.annotations.Nullable;

/**
 * The W3C header {@code traceparent}: {@code version-traceid-spanid-flags} in lower-case
 * hexadecimal. Looking at it makes no object; only {@link #parse} does. Pure.
 */
final class TraceParent {
  /** Of version 00, and the shortest that any later version may have. */
  private static final int LENGTH = 55;

  private static final int TRACE = 3;
  private static final int SPAN = 36;
  private static final int FLAGS = 53;

  private TraceParent() {}

  /** Whether the header names a trace; later versions may say more after the flags. */
  static boolean isValid(@Nullable String header) {
    if (header == null || header.length() < LENGTH) {
      return false;
    }
    boolean first = header.startsWith("00");
    return hex(header, 0, 2)
        && !header.startsWith("ff")
        && header.charAt(TRACE - 1) == '-'
        && hex(header, TRACE, SPAN - 1)
        && !zero(header, TRACE, SPAN - 1)
        && header.charAt(SPAN - 1) == '-'
        && hex(header, SPAN, FLAGS - 1)
        && !zero(header, SPAN, FLAGS - 1)
        && header.charAt(FLAGS - 1) == '-'
        && hex(header, FLAGS, LENGTH)
        && (header.length() == LENGTH || !first && header.charAt(LENGTH) == '-');
  }

  /** Whether the header is valid and asks for spans. */
  static boolean isSampled(@Nullable String header) {
    return header != null
        && header.length() >= LENGTH
        && (Character.digit(header.charAt(FLAGS + 1), 16) & 1) == 1
        && isValid(header);
  }

  /** The span that the header names; an invalid one when it names none. */
  static SpanContext parse(@Nullable String header) {
    if (header == null || !isValid(header)) {
      return SpanContext.getInvalid();
    }
    return SpanContext.createFromRemoteParent(
        header.substring(TRACE, SPAN - 1),
        header.substring(SPAN, FLAGS - 1),
        isSampled(header) ? TraceFlags.getSampled() : TraceFlags.getDefault(),
        TraceState.getDefault());
  }

  /** The header for whoever is called inside {@code span}. */
  static String of(SpanContext span) {
    return "00-" + span.getTraceId() + "-" + span.getSpanId() + "-" + span.getTraceFlags().asHex();
  }

  private static boolean hex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }

  private static boolean zero(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) != '0') {
        return false;
      }
    }
    return true;
  }
}
