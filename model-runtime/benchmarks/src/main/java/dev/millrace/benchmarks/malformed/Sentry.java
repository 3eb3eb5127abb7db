package dev.millrace.benchmarks.malformed;

import dev.millrace.benchmarks.server.LookupCalls;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Calls a good model again and again from a thread of its own until closed; every answer must be
 * right. Thread-safe.
 */
final class Sentry implements AutoCloseable {
  private static final long PAUSE_MILLIS = 10;
  private static final double NANOS_A_MILLI = 1e6;

  private final LookupCalls calls;
  private final String endpoint;
  private final int width;
  private final Thread thread;
  private final AtomicReference<@Nullable String> firstProblem = new AtomicReference<>();
  private volatile long made;
  private volatile long slowestNanos;
  private volatile boolean closed;

  /** For an endpoint that serves {@code TinyModels.gatherEmbedding} of this width. */
  Sentry(LookupCalls calls, String endpoint, int width) {
    this.calls = calls;
    this.endpoint = endpoint;
    this.width = width;
    this.thread = Thread.ofPlatform().name("sentry").start(this::run);
  }

  private void run() {
    long slowest = 0;
    for (long number = 1; !closed; number++) {
      try {
        long start = System.nanoTime();
        var outcome = calls.call(endpoint);
        slowest = Math.max(slowest, System.nanoTime() - start);
        if (!outcome.isFrom(width)) {
          problem("call " + number + " to the model that is served: " + outcome);
        }
        slowestNanos = slowest;
        made = number;
        Thread.sleep(PAUSE_MILLIS);
      } catch (IOException e) {
        problem("call " + number + " to the model that is served: no answer: " + e);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void problem(String what) {
    if (!closed) {
      firstProblem.compareAndSet(null, what);
    }
  }

  long calls() {
    return made;
  }

  double slowestMillis() {
    return slowestNanos / NANOS_A_MILLI;
  }

  @Nullable String problem() {
    return firstProblem.get();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
