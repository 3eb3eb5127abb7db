package dev.millrace.runtime.server.text;

/** A text has more tokens than fit, and it may not be cut. */
public final class TextTooLongException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int tokens;
  private final int limit;

  TextTooLongException(int tokens, int limit) {
    super(tokens + " tokens (expected: at most " + limit + ")", null, false, false);
    this.tokens = tokens;
    this.limit = limit;
  }

  /** How many there are, special tokens included. */
  public int tokens() {
    return tokens;
  }

  /** How many fit. */
  public int limit() {
    return limit;
  }
}
