package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.BatchResult;
import dev.millrace.runtime.batching.Submission;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.server.cache.CacheKey;
import dev.millrace.runtime.server.cache.CacheKeys;
import dev.millrace.runtime.server.cache.CacheStatus;
import dev.millrace.runtime.server.cache.CacheUse;
import dev.millrace.runtime.server.cache.CachedAnswer;
import dev.millrace.runtime.server.cache.Fresh;
import dev.millrace.runtime.server.cache.Passenger;
import dev.millrace.runtime.server.cache.ResponseCache;
import dev.millrace.runtime.server.cache.ResponseCaches;
import dev.millrace.runtime.server.cache.Ride;
import dev.millrace.runtime.server.cache.Run;
import dev.millrace.runtime.server.metrics.CacheMetrics;
import dev.millrace.runtime.server.metrics.Rejection;
import dev.millrace.runtime.server.metrics.ReplicaMeters;
import dev.millrace.runtime.server.metrics.VersionStatistics;
import dev.millrace.runtime.server.replica.Replica;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Tensor requests of endpoints that have a cache. A call waits for an identical one in flight
 * rather than compute the same again; what is computed is copied out of the batch's memory once,
 * and everybody is answered from the copy. Nothing here blocks.
 */
@Singleton
class CachedInference {
  private final ResponseCaches caches;
  private final Workers workers;

  CachedInference(ResponseCaches caches, Workers workers) {
    this.caches = caches;
    this.workers = workers;
  }

  /** A result, and how the call met the cache. */
  record Served(BatchResult<ModelResult> result, CacheStatus status) {}

  /** Whether a call may be answered from the cache of {@code endpoint}; counts when it may not. */
  CacheUse use(Replica replica, String endpoint, InferRequest request) {
    CacheUse use = caches.of(replica.version().key(), endpoint);
    return switch (use) {
      case CacheUse.Off off -> off;
      case CacheUse.Bypassed bypassed -> {
        meters(bypassed.cache(), replica).bypassed(bypassed.reason().label());
        yield bypassed;
      }
      case CacheUse.Active active when CacheKeys.cacheable(request) -> active;
      case CacheUse.Active active -> {
        meters(active.cache(), replica).bypassed(CacheUse.Reason.SEQUENCE.label());
        yield new CacheUse.Bypassed(CacheUse.Reason.SEQUENCE, active.cache());
      }
    };
  }

  /** Whether an endpoint keeps answers of that version. */
  boolean keeps(VersionKey version, String endpoint) {
    return caches.of(version, endpoint) instanceof CacheUse.Active;
  }

  /** The cache of an endpoint for texts; null when there is none that they may use. */
  @Nullable ResponseCache forTexts(Replica replica, String endpoint) {
    return switch (caches.of(replica.version().key(), endpoint)) {
      case CacheUse.Off _ -> null;
      case CacheUse.Bypassed bypassed -> {
        meters(bypassed.cache(), replica).bypassed(bypassed.reason().label());
        yield null;
      }
      case CacheUse.Active active -> active.cache();
    };
  }

  static CacheKeys keys(Replica replica) {
    return new CacheKeys(replica.version().digest(), replica.serving().engine());
  }

  /** One call, ready to be queued. */
  record Call(Replica replica, InferRequest request, Terms terms, Cancellation cancellation) {
    Run<Fresh> compute(Workers workers) {
      return new Computation(replica.submit(request, terms), workers);
    }
  }

  /** A kept answer, that of an identical call, or a computed one. */
  CompletionStage<Served> answer(ResponseCache cache, Call call) {
    long began = System.nanoTime();
    CacheMetrics.Version meters = meters(cache, call.replica());
    CacheKeys keys = keys(call.replica());
    // Hashing 64 KiB takes less than decoding them did; more is no work for an event loop.
    return workers
        .run(bytes(call.request().inputs()), () -> keys.of(call.request()))
        .thenCompose(
            key -> {
              CachedAnswer kept = cache.find(key);
              long lookup = System.nanoTime() - began;
              if (kept != null) {
                meters.hit(lookup);
                call.replica().meters().statistics().cacheHit(lookup);
                return CompletableFuture.completedFuture(
                    served(new Fresh(kept, Fresh.NO_TIME, true), CacheStatus.HIT));
              }
              Passenger<Fresh> passenger = join(cache, key, call);
              return passenger
                  .result()
                  .thenApply(
                      fresh -> {
                        CacheStatus met = count(passenger, fresh, meters, lookup);
                        count(met, call.replica().meters().statistics(), lookup);
                        return served(fresh, met);
                      });
            });
  }

  private Passenger<Fresh> join(ResponseCache cache, CacheKey key, Call call) {
    Terms terms = call.terms();
    // A caller that bounds its own wait in the queue must stand in it itself.
    boolean alone = QueueTerms.hasTimeout(call.request().parameters());
    Passenger<Fresh> passenger =
        cache.join(
            key,
            call.replica().version().key(),
            alone ? new Object() : terms.priority(),
            new Ride<>(
                terms.deadlineNanos(),
                () -> call.compute(workers),
                why -> left(call.replica().meters(), why)));
    call.cancellation().onCancel(passenger::cancel);
    return passenger;
  }

  static void left(ReplicaMeters meters, Ride.Departure why) {
    switch (why) {
      case EXPIRED -> meters.rejected(Rejection.DEADLINE);
      case CANCELLED -> meters.cancelled(ReplicaMeters.Stage.QUEUE);
    }
  }

  private static void count(CacheStatus met, VersionStatistics statistics, long lookupNanos) {
    switch (met) {
      case HIT -> statistics.cacheHit(lookupNanos);
      case MISS -> statistics.cacheMiss(lookupNanos);
      default -> {}
    }
  }

  static CacheStatus count(
      Passenger<Fresh> passenger, Fresh fresh, CacheMetrics.Version meters, long lookupNanos) {
    if (fresh.kept()) {
      meters.hit(lookupNanos);
      return CacheStatus.HIT;
    }
    if (passenger.isPilot()) {
      meters.miss(lookupNanos);
      return CacheStatus.MISS;
    }
    meters.coalesced();
    return CacheStatus.COALESCED;
  }

  private static Served served(Fresh fresh, CacheStatus status) {
    var tensors = (CachedAnswer.Tensors) fresh.answer();
    return new Served(
        new BatchResult<>(ModelResult.ofHeap(tensors.outputs()), fresh.timing()), status);
  }

  private static CacheMetrics.Version meters(ResponseCache cache, Replica replica) {
    return cache.meters().version(replica.version().key().version());
  }

  private static long bytes(List<Tensor> tensors) {
    long sum = 0;
    for (Tensor tensor : tensors) {
      sum += tensor.byteSize();
    }
    return sum;
  }

  /** A submission whose outputs are copied, and their memory given back. */
  private record Computation(Submission<ModelResult> submission, Workers workers)
      implements Run<Fresh> {
    @Override
    public CompletionStage<Fresh> result() {
      return submission
          .result()
          .thenCompose(
              computed ->
                  workers.run(
                      bytes(computed.value().outputs()),
                      () -> {
                        try (ModelResult outputs = computed.value()) {
                          return new Fresh(
                              CachedAnswer.Tensors.copyOf(outputs.outputs()), computed.timing());
                        }
                      }));
    }

    @Override
    public void cancel() {
      submission.cancel();
    }
  }
}
