package dev.millrace.runtime.engine;

import java.util.Arrays;

/**
 * Where a smaller tensor lies inside a bigger one of the same rank: a request inside a batch, in
 * rows and, when the batch is padded, in length. Both are dense and row-major; sizes and offsets
 * are in units of {@code unit} per element. Immutable; the arrays are not to be changed.
 */
final class Box {
  private final long[] whole;
  private final long[] part;
  private final long[] start;
  private final int unit;

  /** The innermost axis along which the part is smaller; everything inside it is one run. */
  private final int cut;

  /** Units of one step along {@link #cut} in both tensors. */
  private final long inner;

  private Box(long[] whole, long[] part, long[] start, int unit) {
    this.whole = whole;
    this.part = part;
    this.start = start;
    this.unit = unit;
    int axis = whole.length - 1;
    long step = unit;
    while (axis > 0 && whole[axis] == part[axis]) {
      step = Math.multiplyExact(step, whole[axis]);
      axis--;
    }
    this.cut = Math.max(axis, 0);
    this.inner = step;
  }

  /**
   * A box from {@code firstRow} on along {@code rowAxis} and from 0 on along all others.
   *
   * @throws IllegalArgumentException when it does not lie inside
   */
  static Box of(long[] whole, long[] part, int rowAxis, long firstRow, int unit) {
    var start = new long[whole.length];
    start[rowAxis] = firstRow;
    if (part.length != whole.length) {
      throw outside(whole, part);
    }
    for (int axis = 0; axis < whole.length; axis++) {
      if (start[axis] + part[axis] > whole[axis]) {
        throw outside(whole, part);
      }
    }
    return new Box(whole, part, start, unit);
  }

  private static IllegalArgumentException outside(long[] whole, long[] part) {
    return new IllegalArgumentException(
        "shape " + Arrays.toString(part) + " does not lie inside " + Arrays.toString(whole));
  }

  /** Units of the part. */
  long size() {
    long size = unit;
    for (long dimension : part) {
      size = Math.multiplyExact(size, dimension);
    }
    return size;
  }

  /** Whether the part lies in one piece inside the whole, so that a slice will do. */
  boolean contiguous() {
    for (int axis = 0; axis < cut; axis++) {
      if (part[axis] != 1) {
        return false;
      }
    }
    return true;
  }

  /** Where the part begins inside the whole. */
  int offset() {
    return Math.toIntExact(offset(new long[cut]));
  }

  /** Visits the runs of the part, first to last. */
  void forEachRun(Run run) {
    if (size() == 0) {
      return;
    }
    int length = Math.toIntExact(part[cut] * inner);
    var index = new long[cut];
    int partOffset = 0;
    do {
      run.at(Math.toIntExact(offset(index)), partOffset, length);
      partOffset += length;
    } while (next(index));
  }

  private long offset(long[] index) {
    long offset = 0;
    for (int axis = 0; axis < cut; axis++) {
      offset = offset * whole[axis] + start[axis] + index[axis];
    }
    return (offset * whole[cut] + start[cut]) * inner;
  }

  private boolean next(long[] index) {
    for (int axis = cut - 1; axis >= 0; axis--) {
      if (++index[axis] < part[axis]) {
        return true;
      }
      index[axis] = 0;
    }
    return false;
  }

  /** Takes one run. */
  @FunctionalInterface
  interface Run {
    void at(int wholeOffset, int partOffset, int length);
  }
}
