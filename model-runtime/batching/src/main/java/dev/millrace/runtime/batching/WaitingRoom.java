package dev.millrace.runtime.batching;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The requests that wait, each to be found by priority level and project, by family and length, and
 * by arrival; within the bounds of the policy. No locks, no clock.
 */
final class WaitingRoom<P, R> {
  /** Families of which nobody waits are kept for the next request, up to this many. */
  private static final int KEPT_FAMILIES = 64;

  private final QueuePolicy policy;
  private final Map<Object, Family<P, R>> families = new HashMap<>();
  private final List<Level<P, R>> levels = new ArrayList<>();
  private int requests;
  private long bytes;
  private long costNanos;

  WaitingRoom(QueuePolicy policy) {
    this.policy = policy;
    // The last level is for those that waited longer than their queue timeout.
    for (int i = 0; i <= policy.priorityLevels(); i++) {
      levels.add(new Level<>());
    }
  }

  /** The level that the request belongs to. */
  Level<P, R> levelOf(QueuedRequest<P, R> entry) {
    int priority = entry.request.terms().priority();
    int count = policy.priorityLevels();
    if (policy.byArrival()) {
      return levels.get(0);
    }
    return levels.get(priority == 0 ? (count - 1) / 2 : Math.min(priority, count) - 1);
  }

  /** Whether the request finds no room. */
  boolean isFullFor(QueuedRequest<P, R> entry) {
    return requests >= policy.maxRequests()
        || (requests > 0 && bytes + entry.request.bytes() > policy.maxBytes());
  }

  /**
   * Whom a request may displace: the newest of the least important level below its own, else the
   * newest of the project that has the most waiting, if that is more than the request's own would
   * have, since one caller must not lock out the others. Null when nobody makes room.
   */
  @Nullable QueuedRequest<P, R> lessImportant(QueuedRequest<P, R> entry, Level<P, R> level) {
    if (policy.byArrival()) {
      return null;
    }
    for (int i = levels.size() - 1; levels.get(i) != level; i--) {
      QueuedRequest<P, R> newest = levels.get(i).newest();
      if (newest != null) {
        return makesRoom(newest, entry) ? newest : null;
      }
    }
    Flow<P, R> largest = null;
    int own = 0;
    for (Flow<P, R> flow : level.round()) {
      if (flow.project.equals(entry.request.terms().project())) {
        own = flow.requests.size();
      } else if (largest == null || flow.requests.size() > largest.requests.size()) {
        largest = flow;
      }
    }
    if (largest == null || largest.requests.size() <= own + 1) {
      return null;
    }
    QueuedRequest<P, R> newest = largest.newest();
    return makesRoom(newest, entry) ? newest : null;
  }

  private boolean makesRoom(QueuedRequest<P, R> leaving, QueuedRequest<P, R> entry) {
    long left = bytes - leaving.request.bytes();
    return requests == 1 || left + entry.request.bytes() <= policy.maxBytes();
  }

  void add(QueuedRequest<P, R> entry, Level<P, R> level) {
    BatchRequest<P> request = entry.request;
    level.add(entry, policy.byArrival() ? "" : request.terms().project());
    families
        .computeIfAbsent(request.familyKey(), Family::new)
        .lane(request.length())
        .add(entry, present(entry.flow));
    requests++;
    bytes += request.bytes();
    costNanos += entry.savingNanos;
  }

  void remove(QueuedRequest<P, R> entry) {
    Lane<P, R> lane = present(entry.lane);
    Flow<P, R> flow = present(entry.flow);
    Level<P, R> level = present(entry.level);
    lane.remove(entry, flow);
    level.remove(entry, flow);
    lane.family.trim(lane);
    if (lane.family.rows == 0 && families.size() > KEPT_FAMILIES) {
      families.remove(lane.family.key);
    }
    requests--;
    bytes -= entry.request.bytes();
    costNanos -= entry.savingNanos;
  }

  /** Takes a request out whose turn it is; its project pays for it. */
  void serve(QueuedRequest<P, R> entry) {
    present(entry.level).charge(entry, present(entry.flow));
    remove(entry);
  }

  /** Puts the request behind all others; one that must keep its order stays where it is. */
  void delay(QueuedRequest<P, R> entry) {
    if (!policy.byArrival()) {
      remove(entry);
      add(entry, levels.get(levels.size() - 1));
    }
  }

  /** The priority levels, the most important first. */
  List<Level<P, R>> levels() {
    return levels;
  }

  /** The families, with those of which nobody waits. */
  Collection<Family<P, R>> families() {
    return families.values();
  }

  int requests() {
    return requests;
  }

  long bytes() {
    return bytes;
  }

  /** Predicted compute of all, as far as it is known. */
  long costNanos() {
    return costNanos;
  }

  private static <T> T present(@Nullable T link) {
    if (link == null) {
      throw new IllegalStateException("the request does not wait");
    }
    return link;
  }
}
