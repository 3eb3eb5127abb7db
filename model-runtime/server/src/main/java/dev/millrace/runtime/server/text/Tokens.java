package dev.millrace.runtime.server.text;

import java.util.Arrays;

/**
 * One text as a model sees it: three arrays of equal length, not to be changed.
 *
 * @param ids token ids, special tokens included
 * @param mask 1 for a token, 0 for padding
 * @param types segment ids
 */
@SuppressWarnings("ArrayRecordComponent")
public record Tokens(long[] ids, long[] mask, long[] types) {
  /** All ids are tokens of one text. */
  static Tokens of(long[] ids) {
    long[] mask = new long[ids.length];
    Arrays.fill(mask, 1);
    return new Tokens(ids, mask, new long[ids.length]);
  }

  /** Room for that many, to be filled by {@link #copy}. */
  static Tokens ofLength(int length) {
    return new Tokens(new long[length], new long[length], new long[length]);
  }

  /** Padding included. */
  public int length() {
    return ids.length;
  }

  /** Tokens that count: what a usage report says. */
  public int count() {
    int count = 0;
    for (long one : mask) {
      count += (int) one;
    }
    return count;
  }

  void copy(Tokens source, int from, int to) {
    ids[to] = source.ids[from];
    mask[to] = source.mask[from];
    types[to] = source.types[from];
  }

  /** The same text filled up with {@code padId} to {@code length}; never cut. */
  Tokens padded(int length, long padId) {
    if (ids.length >= length) {
      return this;
    }
    long[] paddedIds = Arrays.copyOf(ids, length);
    Arrays.fill(paddedIds, ids.length, length, padId);
    return new Tokens(paddedIds, Arrays.copyOf(mask, length), Arrays.copyOf(types, length));
  }
}
