package dev.millrace.runtime.server.sequence;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of its sequence: the parameters {@code sequence_id}, {@code sequence_start}
 * and {@code sequence_end} of the sequence extension.
 *
 * @param id a number in decimal, or a text
 * @param start whether it is the first of its sequence
 * @param end whether it is the last
 */
record SequenceCall(String id, boolean start, boolean end) {
  private static final String ID = "sequence_id";
  private static final String START = "sequence_start";
  private static final String END = "sequence_end";
  private static final int LONGEST_ID = 128;

  /**
   * Reads the parameters of a request.
   *
   * @return empty when it belongs to no sequence: no id, 0 or an empty text
   * @throws MillraceException INVALID_ARGUMENT naming the parameter that is not what it must be
   */
  static Optional<SequenceCall> of(Map<String, Object> parameters) {
    if (parameters.isEmpty()) {
      return Optional.empty();
    }
    boolean start = flag(parameters, START);
    boolean end = flag(parameters, END);
    String id = id(parameters.get(ID));
    if (!id.isEmpty()) {
      return Optional.of(new SequenceCall(id, start, end));
    }
    if (start || end) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "parameter '%s': missing (expected: the id of the sequence that %s)",
          ID,
          start ? "starts" : "ends");
    }
    return Optional.empty();
  }

  private static String id(@Nullable Object value) {
    return switch (value) {
      case null -> "";
      case Long number when number == 0 -> "";
      case Long number when number > 0 -> Long.toString(number);
      case String text when text.length() <= LONGEST_ID -> text;
      default ->
          throw MillraceException.of(
              ErrorCode.INVALID_ARGUMENT,
              "parameter '%s': %s (expected: a positive whole number, or a text of at most %d"
                  + " characters)",
              ID,
              value instanceof String ? "too long" : value,
              LONGEST_ID);
    };
  }

  private static boolean flag(Map<String, Object> parameters, String name) {
    Object value = parameters.get(name);
    if (value == null) {
      return false;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw MillraceException.of(
        ErrorCode.INVALID_ARGUMENT, "parameter '%s': %s (expected: true or false)", name, value);
  }
}
