package dev.millrace.runtime.server.sequence;

import dev.millrace.protocol.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One sequence: the tensors that it keeps, and its requests in the order they came, one of which
 * runs. Not thread-safe: its {@link SequenceTable} guards it.
 */
final class Sequence {
  private final Queue<Turn> waiting = new ArrayDeque<>();
  private @Nullable Turn running;
  private List<Tensor> kept = List.of();
  private boolean open;
  private long usedNanos;

  /** Joins the line. */
  void add(Turn turn, long now) {
    waiting.add(turn);
    usedNanos = now;
  }

  /** The next request, if none runs; it runs from now on. Null otherwise. */
  @Nullable Turn next() {
    if (running != null) {
      return null;
    }
    running = waiting.poll();
    return running;
  }

  /** The running request is over. */
  void over(long now) {
    running = null;
    usedNanos = now;
  }

  /** How many requests wait. */
  int waiting() {
    return waiting.size();
  }

  /** Whether nothing waits and nothing runs. */
  boolean isIdle() {
    return running == null && waiting.isEmpty();
  }

  /** Whether a first request has been answered, and no last one since. */
  boolean isOpen() {
    return open;
  }

  /** What the next request gets; empty before the first. */
  List<Tensor> kept() {
    return kept;
  }

  /** What the request that has just run leaves behind. */
  void keep(List<Tensor> next) {
    open = true;
    kept = next;
  }

  /** The last request has been answered. */
  void end() {
    open = false;
    kept = List.of();
  }

  /** When it was last used, on the table's ticker. */
  long usedNanos() {
    return usedNanos;
  }

  /** Bytes of what is kept. */
  long bytes() {
    return kept.stream().mapToLong(Tensor::byteSize).sum();
  }
}
