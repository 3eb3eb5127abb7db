package dev.millrace.runtime.server.openai;

import dev.millrace.runtime.server.text.Tokens;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * What a call wants computed.
 *
 * @param rows one execution each, possibly none; the list is not changed
 * @param place where a row comes from, for example {@code input[3]}
 * @param answer writes the body from the numbers of each row, in the order of the rows
 */
public record TextPlan(
    List<Tokens> rows, IntFunction<String> place, Function<List<float[]>, ByteBuffer> answer) {

  /** Nothing to compute. */
  static TextPlan answered(ByteBuffer body) {
    return new TextPlan(List.of(), row -> "", values -> body);
  }
}
