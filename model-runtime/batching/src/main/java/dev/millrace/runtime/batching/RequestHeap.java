package dev.millrace.runtime.batching;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A binary heap of requests in which each knows its place, so that one that ends early leaves in
 * O(log n) and holds no memory until its turn. Times are compared by difference, as {@link
 * System#nanoTime} asks. Not thread-safe.
 */
final class RequestHeap<P, R> {
  /** What a heap is for: which place of a request it uses, and what comes first in it. */
  enum Use {
    /** The most urgent of a project first. */
    PROJECT,
    /** The most urgent of a project in one lane first. */
    LANE,
    /** The next one whose time is up first. */
    TIMER
  }

  @SuppressWarnings("unchecked")
  private @Nullable QueuedRequest<P, R>[] heap = new QueuedRequest[4];

  private final Use use;
  private int size;

  RequestHeap(Use use) {
    this.use = use;
  }

  int size() {
    return size;
  }

  void add(QueuedRequest<P, R> entry) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
    }
    siftUp(size++, entry);
  }

  /** The first one, if there is any. */
  @Nullable QueuedRequest<P, R> first() {
    return heap[0];
  }

  /** Takes the request out; nothing happens when it is not in the heap. */
  void remove(QueuedRequest<P, R> entry) {
    int index = entry.place(use);
    if (index < 0) {
      return;
    }
    entry.place(use, -1);
    QueuedRequest<P, R> last = at(--size);
    heap[size] = null;
    if (index == size) {
      return;
    }
    siftDown(index, last);
    if (last.place(use) == index) {
      siftUp(index, last);
    }
  }

  /** The request at a place, in no order that means anything. */
  QueuedRequest<P, R> at(int index) {
    QueuedRequest<P, R> entry = heap[index];
    if (entry == null) {
      throw new IllegalStateException("the heap has a hole at " + index + " of " + size);
    }
    return entry;
  }

  private void siftUp(int from, QueuedRequest<P, R> entry) {
    int index = from;
    while (index > 0) {
      int parent = (index - 1) >>> 1;
      if (!before(entry, at(parent))) {
        break;
      }
      place(index, at(parent));
      index = parent;
    }
    place(index, entry);
  }

  private void siftDown(int from, QueuedRequest<P, R> entry) {
    int index = from;
    while (2 * index + 1 < size) {
      int child = 2 * index + 1;
      if (child + 1 < size && before(at(child + 1), at(child))) {
        child++;
      }
      if (!before(at(child), entry)) {
        break;
      }
      place(index, at(child));
      index = child;
    }
    place(index, entry);
  }

  private void place(int index, QueuedRequest<P, R> entry) {
    heap[index] = entry;
    entry.place(use, index);
  }

  private boolean before(QueuedRequest<P, R> left, QueuedRequest<P, R> right) {
    return use == Use.TIMER ? left.timerNanos - right.timerNanos < 0 : left.moreUrgentThan(right);
  }
}
