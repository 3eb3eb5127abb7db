package dev.millrace.runtime.batching;

import java.util.List;

/**
 * Executes the payloads of one batch at once. Called on the scheduler's named platform threads, by
 * as many at once as there are instances; may block.
 */
@FunctionalInterface
public interface BatchExecutor<P, R> {
  /**
   * One result per payload, in the same order.
   *
   * @param payloads of equal family key, at least one; of equal length too unless the scheduler's
   *     options allow padding
   * @param termination tells that nobody waits any more; may be ignored
   * @throws Exception the batch fails; a batch of several is then split in halves and tried again,
   *     so that only the request at fault gets the exception
   */
  List<R> execute(List<P> payloads, Termination termination) throws Exception;

  /**
   * Whether one request of the batch may be at fault, so that splitting the batch can save the
   * others. False for a failure that every part would meet again, such as a closed model.
   */
  default boolean worthSplitting(Exception failure) {
    return true;
  }

  /**
   * Frees a result that nobody will get, because its request was cancelled or expired meanwhile.
   */
  default void discard(R result) {}
}
