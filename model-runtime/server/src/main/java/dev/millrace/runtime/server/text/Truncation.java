package dev.millrace.runtime.server.text;

/**
 * What happens to text that has more tokens than fit.
 *
 * @param side which end of it goes
 * @param limit most tokens that are kept, special tokens included; {@link #NO_LIMIT} for as many as
 *     the model takes, which is never exceeded
 * @param textLimit most tokens of a text before special tokens are added, cut whatever the side
 *     says (of a pair: of its second text); {@link #NO_LIMIT} for any number
 */
public record Truncation(Side side, int limit, int textLimit) {
  /** As many as there are. */
  public static final int NO_LIMIT = Integer.MAX_VALUE;

  /** The end goes: what sentence-transformers does. */
  public static final Truncation DEFAULT = new Truncation(Side.END, NO_LIMIT, NO_LIMIT);

  /** What goes. */
  public enum Side {
    /** Nothing: text that is too long is refused. */
    NONE,
    /** The beginning. */
    START,
    /** The end. */
    END
  }

  /** The same with other bounds on a text of its own. */
  public Truncation withTextLimit(int tokens) {
    return new Truncation(side, limit, tokens);
  }
}
