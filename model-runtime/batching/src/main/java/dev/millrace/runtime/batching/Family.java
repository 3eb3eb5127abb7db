package dev.millrace.runtime.batching;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The waiting requests that differ in their length at most, by length. */
final class Family<P, R> {
  /** Lanes that are empty are kept for the next request of that length, up to this many. */
  private static final int KEPT_LANES = 256;

  final Object key;
  long rows;
  private final List<Lane<P, R>> lanes = new ArrayList<>(1);

  Family(Object key) {
    this.key = key;
  }

  Lane<P, R> lane(int length) {
    int index = search(length);
    if (index >= 0) {
      return lanes.get(index);
    }
    var lane = new Lane<>(this, length);
    lanes.add(-index - 1, lane);
    return lane;
  }

  /** Forgets an empty lane when there are too many. */
  void trim(Lane<P, R> lane) {
    if (lane.requests == 0 && lanes.size() > KEPT_LANES) {
      lanes.remove(search(lane.length));
    }
  }

  /** The nearest shorter lane in which somebody waits. */
  @Nullable Lane<P, R> shorter(int length) {
    int index = search(length);
    for (int i = (index >= 0 ? index : -index - 1) - 1; i >= 0; i--) {
      if (lanes.get(i).requests > 0) {
        return lanes.get(i);
      }
    }
    return null;
  }

  /** The nearest longer lane in which somebody waits. */
  @Nullable Lane<P, R> longer(int length) {
    int index = search(length);
    for (int i = index >= 0 ? index + 1 : -index - 1; i < lanes.size(); i++) {
      if (lanes.get(i).requests > 0) {
        return lanes.get(i);
      }
    }
    return null;
  }

  /** The request that one level would serve first among those of this family. */
  @Nullable QueuedRequest<P, R> mostUrgentOf(Level<P, R> level) {
    QueuedRequest<P, R> first = null;
    for (Lane<P, R> lane : lanes) {
      QueuedRequest<P, R> next = lane.requests == 0 ? null : level.next(lane);
      if (next != null && (first == null || next.moreUrgentThan(first))) {
        first = next;
      }
    }
    return first;
  }

  private int search(int length) {
    int low = 0;
    int high = lanes.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int here = lanes.get(middle).length;
      if (here == length) {
        return middle;
      }
      if (here < length) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -low - 1;
  }
}
