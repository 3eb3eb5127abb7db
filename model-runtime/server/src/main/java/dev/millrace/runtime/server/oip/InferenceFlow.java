package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.TensorMemory;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.BatchResult;
import dev.millrace.runtime.batching.BatchTiming;
import dev.millrace.runtime.batching.Submission;
import dev.millrace.runtime.engine.DirectMemoryPool;
import dev.millrace.runtime.engine.ModelLease;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.server.cache.CacheStatus;
import dev.millrace.runtime.server.cache.CacheUse;
import dev.millrace.runtime.server.classification.Classification;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.metrics.ReplicaMeters;
import dev.millrace.runtime.server.metrics.VersionStatistics;
import dev.millrace.runtime.server.replica.Replica;
import dev.millrace.runtime.server.replica.Replicas;
import dev.millrace.runtime.server.sequence.SequenceTable;
import dev.millrace.runtime.server.telemetry.RequestSpans;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One tensor request's way, the same for every protocol: decode, check, queue, compute, encode. The
 * protocol brings the two ends. Nothing here blocks; long work goes to {@link Workers}.
 */
@Singleton
class InferenceFlow {
  private final Replicas replicas;
  private final ColdStarts coldStarts;
  private final RuntimeOptions options;
  private final Workers workers;
  private final CachedInference cached;
  private final RequestSpans spans;
  private final SequenceTable sequences;

  InferenceFlow(
      Replicas replicas,
      ColdStarts coldStarts,
      RuntimeOptions options,
      Workers workers,
      CachedInference cached,
      RequestSpans spans,
      SequenceTable sequences) {
    this.cached = cached;
    this.sequences = sequences;
    this.replicas = replicas;
    this.coldStarts = coldStarts;
    this.options = options;
    this.workers = workers;
    this.spans = spans;
  }

  /**
   * The two ends of a protocol, for one call.
   *
   * @param <T> the encoded answer
   */
  interface Codec<T> {
    /**
     * Reads the request.
     *
     * @param memory where tensors go that do not come as bytes
     */
    InferRequest decode(TensorMemory memory);

    /**
     * The call needs its request no more.
     *
     * @param read false when a run that was given up may still read it
     */
    default void inputsEnd(boolean read) {}

    /** Writes the response; owns {@code computed.memory()}, also when it fails. */
    T encode(Computed computed);

    /** Bytes of an encoded response, for the meters. */
    long size(T reply);

    /** The answer to a failure; null when the call's future shall fail with it. */
    @Nullable T refusal(MillraceException failure);

    /**
     * Where a short response is written: not on the thread that computes batches, which has better
     * to do, unless the transport has no thread of its own.
     */
    Executor answering();
  }

  /**
   * A request and its response.
   *
   * @param answer what goes into the headers
   * @param memory to be closed when the response's tensors have been read for the last time
   */
  record Computed(
      InferRequest request, InferResponse response, InferAnswer answer, ModelResult memory) {}

  /**
   * Runs one request.
   *
   * @param endpoint the name that the response carries; empty takes the request's own
   * @param bytes size of the encoded request
   * @return fails with {@link MillraceException} only, never wrapped, and only where the codec has
   *     no refusal
   */
  <T> CompletionStage<T> run(CallContext context, String endpoint, long bytes, Codec<T> codec) {
    ModelLease<Replica> lease = replicas.acquire(context.requireTarget());
    return lease != null
        ? new Flight<>(lease, context, endpoint, bytes, codec).start()
        : coldStarts.await(
            context,
            bytes,
            (woken, later) -> new Flight<>(woken, later, endpoint, bytes, codec).start());
  }

  /**
   * One request on its way. Its steps follow one another, each on the thread that the one before
   * handed over to; a chain of futures would do the same and cost several objects a step.
   */
  private final class Flight<T>
      implements BiConsumer<@Nullable BatchResult<ModelResult>, @Nullable Throwable> {
    private final ModelLease<Replica> lease;
    private final CallContext context;
    private final String endpoint;
    private final long bytes;
    private final Codec<T> codec;
    private final long arrival = System.nanoTime();
    private final CompletableFuture<T> reply = new CompletableFuture<>();
    private @Nullable InferRequest request;
    private @Nullable InputMemory inputs;
    private CacheStatus status = CacheStatus.OFF;
    private boolean classified;
    private long decodedNanos;

    Flight(
        ModelLease<Replica> lease,
        CallContext context,
        String endpoint,
        long bytes,
        Codec<T> codec) {
      this.lease = lease;
      this.context = context;
      this.endpoint = endpoint;
      this.bytes = bytes;
      this.codec = codec;
    }

    CompletionStage<T> start() {
      if (workers.areFor(bytes)) {
        handOver(workers, this::submit);
      } else {
        submit();
      }
      return reply;
    }

    private void submit() {
      Replica replica = lease.model();
      try {
        InferRequest decoded = codec.decode(memory(replica));
        request = decoded;
        decodedNanos = System.nanoTime() - arrival;
        if (context.cancellation().isCancelled()) {
          replica.meters().cancelled(ReplicaMeters.Stage.ADMISSION);
          throw MillraceException.of(ErrorCode.CLIENT_CLOSED, "the caller went away");
        }
        classified = Classification.asked(decoded.outputs(), replica.signature());
        var terms = QueueTerms.of(context, replica.serving(), decoded.parameters(), arrival);
        CacheUse use = cached.use(replica, called(decoded), decoded);
        if (use instanceof CacheUse.Active active) {
          answerFromCache(active, replica, decoded, terms);
          return;
        }
        status = use instanceof CacheUse.Off ? CacheStatus.OFF : CacheStatus.BYPASS;
        Optional<Submission<ModelResult>> turn =
            sequences.submit(replica, called(decoded), decoded, terms);
        Submission<ModelResult> submission =
            turn.isPresent() ? turn.get() : replica.submit(decoded, terms);
        context.cancellation().onCancel(submission::cancel);
        spans.watch(context.traceparent(), replica.version().key(), submission);
        var _ = submission.result().whenComplete(this);
      } catch (Throwable failure) {
        fail(failure);
      }
    }

    /** Pooled where a copy would cost something: small tensors are cheapest on the heap. */
    private TensorMemory memory(Replica replica) {
      DirectMemoryPool pool = workers.areFor(bytes) ? replica.inputMemory() : null;
      if (pool == null) {
        return TensorMemory.HEAP;
      }
      inputs = new InputMemory(pool);
      return inputs;
    }

    private void answerFromCache(
        CacheUse.Active active, Replica replica, InferRequest decoded, Terms terms) {
      var call = new CachedInference.Call(replica, decoded, terms, context.cancellation());
      var _ =
          cached
              .answer(active.cache(), call)
              .whenComplete(
                  (served, failure) -> {
                    if (failure == null) {
                      status = served.status();
                      accept(served.result(), null);
                    } else {
                      fail(failure);
                    }
                  });
    }

    private String called(InferRequest decoded) {
      return endpoint.isEmpty() ? decoded.modelName() : endpoint;
    }

    /** The result is there, or the failure; on the thread that computes batches. */
    @Override
    public void accept(@Nullable BatchResult<ModelResult> result, @Nullable Throwable failure) {
      if (result == null) {
        fail(Objects.requireNonNull(failure));
        return;
      }
      // A result from the cache says nothing of the run that this call's inputs may be in.
      inputsEnd(status == CacheStatus.OFF);
      Computed computed = computed(Objects.requireNonNull(request), result);
      boolean large = workers.areFor(responseBytes(computed.response()));
      if (!handOver(large ? workers : codec.answering(), () -> encode(computed))) {
        computed.memory().close();
      }
    }

    private Computed computed(InferRequest decoded, BatchResult<ModelResult> result) {
      VersionKey key = lease.model().version().key();
      spans.record(context.traceparent(), key, result.timing(), status);
      String version = Integer.toString(key.version());
      InferResponse response =
          new InferResponse(
              called(decoded), version, decoded.id(), Map.of(), result.value().outputs());
      InferAnswer answer = answer(version, context, result.timing(), status);
      return new Computed(decoded, response, answer, result.value());
    }

    private void encode(Computed computed) {
      long began = System.nanoTime();
      try {
        T encoded = codec.encode(classified ? classes(computed) : computed);
        lease.model().meters().bytes(bytes, codec.size(encoded));
        count(computed.answer().timing(), System.nanoTime() - began);
        lease.close();
        reply.complete(encoded);
      } catch (Throwable failure) {
        fail(failure);
      }
    }

    private void count(BatchTiming timing, long encodeNanos) {
      VersionStatistics statistics = lease.model().meters().statistics();
      statistics.succeeded(System.nanoTime() - arrival, timing.queueNanos());
      if (status != CacheStatus.HIT && status != CacheStatus.COALESCED) {
        statistics.computed(decodedNanos, timing.computeNanos(), encodeNanos);
      }
    }

    /** The same answer with classes in the place of tensors. */
    private Computed classes(Computed computed) {
      InferRequest asked = computed.request();
      InferResponse plain = computed.response();
      Replica replica = lease.model();
      try {
        List<Tensor> outputs =
            Classification.apply(
                plain.outputs(), asked.outputs(), replica.signature(), replica.labels());
        var named =
            new InferResponse(
                plain.modelName(), plain.modelVersion(), plain.id(), plain.parameters(), outputs);
        return new Computed(asked, named, computed.answer(), computed.memory());
      } catch (RuntimeException failure) {
        computed.memory().close();
        throw failure;
      }
    }

    private void inputsEnd(boolean read) {
      if (inputs != null) {
        inputs.end(read);
      }
      codec.inputsEnd(read);
    }

    /** False when there is no thread to go on: then the call has failed. */
    private boolean handOver(Executor next, Runnable step) {
      try {
        next.execute(step);
        return true;
      } catch (RuntimeException stopping) {
        fail(stopping);
        return false;
      }
    }

    private void fail(Throwable failure) {
      // The call may have been given up in the middle of the run that reads them.
      inputsEnd(false);
      lease.model().meters().statistics().failed(System.nanoTime() - arrival);
      lease.close();
      MillraceException known = Failures.of(failure, context.requestId());
      T refusal = codec.refusal(known);
      if (refusal == null) {
        reply.completeExceptionally(known);
      } else {
        reply.complete(refusal);
      }
    }
  }

  /** What the headers of an answer say. */
  InferAnswer answer(String version, CallContext context, BatchTiming timing, CacheStatus cache) {
    return new InferAnswer(
        version, options.member().id(), context.requestId(), timing, context.coldNanos(), cache);
  }

  private static long responseBytes(InferResponse response) {
    long bytes = 0;
    List<Tensor> outputs = response.outputs();
    for (int i = 0; i < outputs.size(); i++) {
      bytes += outputs.get(i).byteSize();
    }
    return bytes;
  }
}
