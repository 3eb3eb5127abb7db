package dev.millrace.runtime.server.text;

import dev.millrace.runtime.server.text.Truncation.Side;

/**
 * A text or a pair of texts as the tokenizer gives it, of any length. Cutting is done here and not
 * in the tokenizer, which could only be told once for all calls; the result is the same as that of
 * the {@code longest_first} strategy of HuggingFace's tokenizers.
 *
 * @param tokens all of them
 * @param special 1 where a token belongs to no text, for example {@code [SEP]}
 * @param sequence 0 for tokens of the first text, 1 for those of the second
 */
@SuppressWarnings("ArrayRecordComponent")
record EncodedText(Tokens tokens, long[] special, long[] sequence) {
  /**
   * The tokens that are kept.
   *
   * @param most tokens that the model takes, special tokens included
   * @throws TextTooLongException when there are more and none may go
   */
  Tokens cut(int most, Truncation truncation) {
    int limit = Math.min(most, truncation.limit());
    if (tokens.length() <= limit && truncation.textLimit() == Truncation.NO_LIMIT) {
      return tokens;
    }
    int first = count(0);
    int second = count(1);
    int specials = tokens.length() - first - second;
    boolean pair = second > 0;
    int keptFirst = pair ? first : Math.min(first, truncation.textLimit());
    int keptSecond = Math.min(second, truncation.textLimit());
    if (keptFirst + keptSecond + specials > limit) {
      if (truncation.side() == Side.NONE) {
        throw new TextTooLongException(keptFirst + keptSecond + specials, limit);
      }
      int room = Math.max(0, limit - specials);
      int shorter = Math.min(keptFirst, keptSecond);
      int longer = Math.max(shorter, room - shorter);
      if (shorter > room || shorter + longer > room) {
        shorter = room / 2;
        longer = room - shorter;
      }
      boolean swapped = keptFirst > keptSecond;
      keptFirst = Math.min(keptFirst, swapped ? longer : shorter);
      keptSecond = Math.min(keptSecond, swapped ? shorter : longer);
    }
    boolean fromStart = truncation.side() == Side.START;
    return keep(
        fromStart ? first - keptFirst : 0,
        keptFirst,
        fromStart ? second - keptSecond : 0,
        keptSecond,
        specials);
  }

  private Tokens keep(int skipFirst, int keptFirst, int skipSecond, int keptSecond, int specials) {
    Tokens kept = Tokens.ofLength(specials + keptFirst + keptSecond);
    int to = 0;
    int seenFirst = 0;
    int seenSecond = 0;
    for (int from = 0; from < tokens.length(); from++) {
      boolean stays;
      if (special[from] != 0) {
        stays = true;
      } else if (sequence[from] == 1) {
        stays = seenSecond >= skipSecond && seenSecond < skipSecond + keptSecond;
        seenSecond++;
      } else {
        stays = seenFirst >= skipFirst && seenFirst < skipFirst + keptFirst;
        seenFirst++;
      }
      if (stays) {
        kept.copy(tokens, from, to);
        to++;
      }
    }
    return kept;
  }

  private int count(int text) {
    int count = 0;
    for (int i = 0; i < special.length; i++) {
      boolean second = sequence[i] == 1;
      if (special[i] == 0 && second == (text == 1)) {
        count++;
      }
    }
    return count;
  }
}
