package dev.millrace.runtime.server.openai;

import dev.millrace.protocol.error.MillraceException;
import dev.millrace.runtime.server.text.TextTask;
import dev.millrace.runtime.server.text.TextTooLongException;
import dev.millrace.runtime.server.text.Tokens;
import dev.millrace.runtime.server.text.Truncation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Collects the rows of one call, one text or pair at a time. Confined to one thread. */
final class RowReader {
  private final TextTask task;
  private final Runnable goOn;
  private final List<Tokens> rows = new ArrayList<>();

  RowReader(TextCall call) {
    this.task = call.task();
    this.goOn = call.goOn();
  }

  /** One text. */
  void add(String field, String place, String text, Truncation truncation) {
    add(field, place, () -> task.tokens(text, truncation));
  }

  /** Two texts that the model reads together. */
  void add(String field, String place, List<String> pair, Truncation truncation) {
    add(field, place, () -> task.tokens(pair.get(0), pair.get(1), truncation));
  }

  /** Ids of the caller's own tokenizer. */
  void add(String field, String place, long[] ids, Truncation truncation) {
    add(field, place, () -> task.tokens(ids, truncation));
  }

  private void add(String field, String place, Supplier<Tokens> tokens) {
    goOn.run();
    try {
      rows.add(tokens.get());
    } catch (TextTooLongException tooLong) {
      throw tooLong(field, place, tooLong);
    }
  }

  private MillraceException tooLong(String field, String place, TextTooLongException tooLong) {
    var refusal =
        TextBody.wrong(
                field,
                "%s has %d tokens (expected: at most %d, or \"truncate\": true)"
                    .formatted(place, tooLong.tokens(), tooLong.limit()))
            .withDetail("tokens", tooLong.tokens())
            .withDetail("limit", tooLong.limit());
    return rows.isEmpty() ? refusal : refusal.withDetail("index", rows.size());
  }

  List<Tokens> rows() {
    return rows;
  }

  /** Tokens of all rows together. */
  long tokens() {
    return rows.stream().mapToLong(Tokens::count).sum();
  }
}
