package dev.millrace.runtime.batching;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A binary heap of requests by deadline in which each request knows its place, so that one that
 * ends early leaves in O(log n) and holds no memory until its deadline. Deadlines are compared by
 * difference, as {@link System#nanoTime} asks. Not thread-safe.
 */
final class DeadlineHeap<P, R> {
  @SuppressWarnings("unchecked")
  private @Nullable QueuedRequest<P, R>[] heap = new QueuedRequest[16];

  private int size;

  int size() {
    return size;
  }

  void add(QueuedRequest<P, R> entry) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
    }
    siftUp(size++, entry);
  }

  /** The request with the nearest deadline. */
  @Nullable QueuedRequest<P, R> first() {
    return heap[0];
  }

  /** Takes the request out; nothing happens when it is not in the heap. */
  void remove(QueuedRequest<P, R> entry) {
    int index = entry.heapIndex;
    if (index < 0) {
      return;
    }
    entry.heapIndex = -1;
    QueuedRequest<P, R> last = at(--size);
    heap[size] = null;
    if (index == size) {
      return;
    }
    siftDown(index, last);
    if (last.heapIndex == index) {
      siftUp(index, last);
    }
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
    entry.heapIndex = index;
  }

  private QueuedRequest<P, R> at(int index) {
    QueuedRequest<P, R> entry = heap[index];
    if (entry == null) {
      throw new IllegalStateException("the heap has a hole at " + index + " of " + size);
    }
    return entry;
  }

  private boolean before(QueuedRequest<P, R> left, QueuedRequest<P, R> right) {
    return left.request.deadlineNanos() - right.request.deadlineNanos() < 0;
  }
}
