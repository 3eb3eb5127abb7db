package dev.millrace.runtime.server.classification;

/**
 * The best of many classes, with memory for those alone: a heap whose root is the worst that is
 * kept. Equal values go in the order of their indices; a NaN comes after every number. Used for one
 * row after another; not thread-safe.
 */
final class TopClasses {
  private final long[] keys;
  private final int[] classes;
  private int size;

  /** Keeps so many, at least 1. */
  TopClasses(int count) {
    keys = new long[count];
    classes = new int[count];
  }

  /** Forgets the last row. */
  void clear() {
    size = 0;
  }

  /**
   * Offers a class; indices must rise within a row.
   *
   * @param key orders values: the larger the better
   */
  void offer(long key, int index) {
    if (size < keys.length) {
      int at = size++;
      while (at > 0 && worse(key, index, (at - 1) / 2)) {
        move((at - 1) / 2, at);
        at = (at - 1) / 2;
      }
      put(at, key, index);
    } else if (key > keys[0]) {
      sink(key, index);
    }
  }

  /**
   * The classes that are kept, the best first; forgets them.
   *
   * @return the array itself, filled up to the number of classes that came; overwritten by the next
   *     row
   */
  int[] best() {
    while (size > 0) {
      int worst = classes[0];
      size--;
      if (size > 0) {
        sink(keys[size], classes[size]);
      }
      classes[size] = worst;
    }
    return classes;
  }

  /** Puts it in the place of the root. */
  private void sink(long key, int index) {
    int at = 0;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && worse(keys[child + 1], classes[child + 1], child)) {
        child++;
      }
      if (worse(key, index, child)) {
        break;
      }
      move(child, at);
      at = child;
    }
    put(at, key, index);
  }

  private boolean worse(long key, int index, int than) {
    return key < keys[than] || key == keys[than] && index > classes[than];
  }

  private void move(int from, int to) {
    put(to, keys[from], classes[from]);
  }

  private void put(int at, long key, int index) {
    keys[at] = key;
    classes[at] = index;
  }
}
