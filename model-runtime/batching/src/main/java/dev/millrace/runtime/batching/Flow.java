package dev.millrace.runtime.batching;

/** The waiting requests of one project at one priority level. */
final class Flow<P, R> {
  final String project;
  final RequestHeap<P, R> requests = new RequestHeap<>(RequestHeap.Use.PROJECT);

  /** Compute time that the project may still take before others get their turn. */
  long creditNanos;

  Flow(String project) {
    this.project = project;
  }

  boolean isEmpty() {
    return requests.size() == 0;
  }

  /** The one that came last. Looks at all: for a full queue only. */
  QueuedRequest<P, R> newest() {
    QueuedRequest<P, R> newest = requests.at(0);
    for (int i = 1; i < requests.size(); i++) {
      if (requests.at(i).sequence - newest.sequence > 0) {
        newest = requests.at(i);
      }
    }
    return newest;
  }
}
