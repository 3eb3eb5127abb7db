package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.runtime.batching.BatchResult;
import dev.millrace.runtime.batching.BatchTiming;
import dev.millrace.runtime.batching.Submission;
import dev.millrace.runtime.engine.ModelLease;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.metrics.ReplicaMeters;
import dev.millrace.runtime.server.replica.Replica;
import dev.millrace.runtime.server.replica.Replicas;
import dev.millrace.runtime.server.sequence.SequenceTable;
import dev.millrace.runtime.server.telemetry.RequestSpans;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

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
  private final RequestSpans spans;
  private final SequenceTable sequences;

  InferenceFlow(
      Replicas replicas,
      ColdStarts coldStarts,
      RuntimeOptions options,
      Workers workers,
      RequestSpans spans,
      SequenceTable sequences) {
    this.sequences = sequences;
    this.replicas = replicas;
    this.coldStarts = coldStarts;
    this.options = options;
    this.workers = workers;
    this.spans = spans;
  }

  /**
   * The two ends of a protocol.
   *
   * @param decode reads the request
   * @param encode writes the response
   * @param answering where a short response is written: not on the thread that computes batches,
   *     which has better to do, unless the transport has no thread of its own
   */
  record Codec<T>(
      Function<Replica, InferRequest> decode,
      Function<Computed, Encoded<T>> encode,
      Executor answering) {}

  /**
   * A request and its response.
   *
   * @param answer what goes into the headers
   * @param memory to be closed when the response's tensors have been read for the last time
   */
  record Computed(
      InferRequest request, InferResponse response, InferAnswer answer, ModelResult memory) {}

  /**
   * An encoded response.
   *
   * @param bytes its size, for the meters
   */
  record Encoded<T>(T reply, long bytes) {}

  /**
   * Runs one request.
   *
   * @param endpoint the name that the response carries; empty takes the request's own
   * @param bytes size of the encoded request
   */
  <T> CompletionStage<T> run(CallContext context, String endpoint, long bytes, Codec<T> codec) {
    ModelLease<Replica> lease = replicas.acquire(context.requireTarget());
    return lease != null
        ? run(lease, context, endpoint, bytes, codec)
        : coldStarts.await(
            context, bytes, (woken, later) -> run(woken, later, endpoint, bytes, codec));
  }

  private <T> CompletionStage<T> run(
      ModelLease<Replica> lease, CallContext context, String endpoint, long bytes, Codec<T> codec) {
    Replica replica = lease.model();
    long arrival = System.nanoTime();
    return workers
        .run(bytes, () -> codec.decode().apply(replica))
        .thenCompose(request -> submit(replica, request, context, arrival, endpoint))
        .thenCompose(
            computed ->
                workers.run(
                    responseBytes(computed.response()),
                    codec.answering(),
                    () -> codec.encode().apply(computed)))
        .thenApply(
            encoded -> {
              replica.meters().bytes(bytes, encoded.bytes());
              return encoded.reply();
            })
        .whenComplete((_, _) -> lease.close());
  }

  private CompletableFuture<Computed> submit(
      Replica replica, InferRequest request, CallContext context, long arrival, String endpoint) {
    if (context.cancellation().isCancelled()) {
      replica.meters().cancelled(ReplicaMeters.Stage.ADMISSION);
      throw MillraceException.of(ErrorCode.CLIENT_CLOSED, "the caller went away");
    }
    var terms = QueueTerms.of(context, replica.serving(), request.parameters(), arrival);
    Submission<ModelResult> submission =
        sequences.submit(replica, request, terms).orElseGet(() -> replica.submit(request, terms));
    context.cancellation().onCancel(submission::cancel);
    return submission
        .result()
        .thenApply(result -> computed(replica, request, context, result, endpoint))
        .toCompletableFuture();
  }

  private Computed computed(
      Replica replica,
      InferRequest request,
      CallContext context,
      BatchResult<ModelResult> result,
      String endpoint) {
    int version = replica.version().key().version();
    spans.record(context.traceparent(), replica.version().key(), result.timing());
    String name = endpoint.isEmpty() ? request.modelName() : endpoint;
    InferResponse response =
        new InferResponse(
            name, Integer.toString(version), request.id(), Map.of(), result.value().outputs());
    return new Computed(
        request, response, answer(version, context, result.timing()), result.value());
  }

  /** What the headers of an answer say. */
  InferAnswer answer(int version, CallContext context, BatchTiming timing) {
    return new InferAnswer(
        version, options.member().id(), context.requestId(), timing, context.coldNanos());
  }

  private static long responseBytes(InferResponse response) {
    long bytes = 0;
    for (Tensor output : response.outputs()) {
      bytes += output.byteSize();
    }
    return bytes;
  }
}
