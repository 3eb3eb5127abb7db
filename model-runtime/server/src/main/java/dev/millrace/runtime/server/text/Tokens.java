package dev.millrace.runtime.server.text;

/**
 * One text as a model sees it: three arrays of equal length, not to be changed.
 *
 * @param ids token ids, special tokens included
 * @param mask 1 for a token, 0 for padding
 * @param types segment ids
 */
@SuppressWarnings("ArrayRecordComponent")
public record Tokens(long[] ids, long[] mask, long[] types) {
  /** Tokens that count: what a usage report says. */
  public int count() {
    int count = 0;
    for (long one : mask) {
      count += (int) one;
    }
    return count;
  }

  /** The same text filled up with {@code padId} to {@code length}; never cut. */
  Tokens padded(int length, long padId) {
    if (ids.length >= length) {
      return this;
    }
    long[] paddedIds = java.util.Arrays.copyOf(ids, length);
    java.util.Arrays.fill(paddedIds, ids.length, length, padId);
    return new Tokens(
        paddedIds, java.util.Arrays.copyOf(mask, length), java.util.Arrays.copyOf(types, length));
  }
}
