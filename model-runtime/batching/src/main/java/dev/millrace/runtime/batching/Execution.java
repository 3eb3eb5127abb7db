package dev.millrace.runtime.batching;

import java.util.List;

/** One call of the executor. Guarded by the scheduler's lock but for the final fields. */
final class Execution<P, R> {
  final List<QueuedRequest<P, R>> entries;
  final Termination termination = new Termination();
  final int rows;
  final int maxLength;

  /** Requests whose callers still wait. */
  int wanted;

  Execution(List<QueuedRequest<P, R>> entries) {
    this.entries = entries;
    this.wanted = entries.size();
    int allRows = 0;
    int longest = 0;
    for (int i = 0; i < entries.size(); i++) {
      QueuedRequest<P, R> entry = entries.get(i);
      entry.execution = this;
      allRows += entry.request.rows();
      longest = Math.max(longest, entry.request.length());
    }
    this.rows = allRows;
    this.maxLength = longest;
  }
}
