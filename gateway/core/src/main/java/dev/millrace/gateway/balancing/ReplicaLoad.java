package dev.millrace.gateway.balancing;

import java.util.concurrent.atomic.AtomicInteger;

/** What this gateway knows of one runtime's load. Safe from any thread. */
final class ReplicaLoad {
  private final AtomicInteger inFlight = new AtomicInteger();

  void begin() {
    inFlight.incrementAndGet();
  }

  @SuppressWarnings("UnusedVariable") // the latency estimate and ejection read the outcome here
  void end(Outcome outcome) {
    inFlight.decrementAndGet();
  }

  int inFlight() {
    return inFlight.get();
  }

  /** The smaller, the better. A latency estimate multiplies it once there is one. */
  double score() {
    return inFlight.get() + 1.0;
  }
}
