package dev.millrace.runtime.server.cache;

import java.util.concurrent.CompletionStage;

/** Something that is being computed for somebody. Thread-safe. */
public interface Run<V> {
  /** Completes exactly once. */
  CompletionStage<V> result();

  /** Gives it up: the result fails soon, unless it is there already. Idempotent. */
  void cancel();
}
