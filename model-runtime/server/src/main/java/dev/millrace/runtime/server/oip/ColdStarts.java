package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.runtime.engine.ModelLease;
import dev.millrace.runtime.server.replica.Replica;
import dev.millrace.runtime.server.replica.Replicas;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;

/**
 * Calls of a version that is not in memory: each waits until it has been loaded, then goes on as
 * any other. The time it waited counts against its deadline, and its answer tells it. Never blocks.
 */
@Singleton
class ColdStarts {
  private final Replicas replicas;
  private final Workers workers;

  ColdStarts(Replicas replicas, Workers workers) {
    this.replicas = replicas;
    this.workers = workers;
  }

  /**
   * Waits for the version, then makes the call on a worker thread.
   *
   * @param bytes that the call holds while it waits
   * @param call owns the lease; the context is the caller's with what the wait has changed
   */
  <T> CompletionStage<T> await(
      CallContext context,
      long bytes,
      BiFunction<ModelLease<Replica>, CallContext, CompletionStage<T>> call) {
    long arrival = System.nanoTime();
    CompletableFuture<ModelLease<Replica>> loaded =
        replicas.awaken(context.requireTarget(), bytes, context.deadlineNanos());
    context
        .cancellation()
        .onCancel(
            () ->
                loaded.completeExceptionally(
                    MillraceException.of(ErrorCode.CLIENT_CLOSED, "the caller went away")
                        .withDetail("stage", "queue")));
    // Also a failure goes to a worker: hundreds of answers must not keep the loading thread.
    return loaded
        .whenCompleteAsync((_, _) -> {}, workers)
        .thenCompose(
            lease -> {
              Duration timeout = lease.model().serving().timeout();
              long waited = System.nanoTime() - arrival;
              return call.apply(
                  lease, context.before(arrival + timeout.toNanos()).coldStart(waited));
            });
  }
}
