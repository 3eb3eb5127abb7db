package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.runtime.engine.ModelLease;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.replica.Replica;
import dev.millrace.runtime.server.replica.Replicas;
import dev.millrace.runtime.server.telemetry.RequestSpans;
import dev.millrace.runtime.server.text.EmbeddingTask;
import dev.millrace.runtime.server.text.Tokens;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code POST /v1/embeddings}: texts to vectors, in OpenAI's form. Never blocks. */
@Singleton
class EmbeddingsHandler {
  private final Replicas replicas;
  private final InferenceFlow flow;
  private final Workers workers;
  private final RequestSpans spans;
  private final int maxBodyBytes;

  EmbeddingsHandler(
      Replicas replicas,
      InferenceFlow flow,
      Workers workers,
      RequestSpans spans,
      RuntimeOptions options) {
    this.replicas = replicas;
    this.flow = flow;
    this.workers = workers;
    this.spans = spans;
    this.maxBodyBytes = options.limits().maxBodyBytes();
  }

  /** What one call works on. */
  private record Work(EmbeddingsRequest request, List<Tokens> texts, EmbeddingRun run) {
    long tokens() {
      return texts.stream().mapToLong(Tokens::count).sum();
    }
  }

  CompletionStage<OipReply> handle(OipCall call) {
    ModelLease<Replica> lease = replicas.acquire(call.context().requireTarget());
    Replica replica = lease.model();
    long arrival = System.nanoTime();
    // Tokenizing takes its time, and nothing bounds it but the body: always on a worker.
    return CompletableFuture.supplyAsync(() -> prepare(call, replica, arrival), workers)
        .thenCompose(
            work ->
                work.run()
                    .start(call.context().cancellation())
                    .thenApplyAsync(vectors -> reply(call, replica, work, vectors), workers))
        .whenComplete((_, _) -> lease.close());
  }

  private Work prepare(OipCall call, Replica replica, long arrival) {
    EmbeddingTask task = replica.embedding().orElseThrow(() -> noTask(call));
    ByteBuffer body =
        ContentDecoding.decode(call.headers().get("content-encoding"), call.body(), maxBodyBytes);
    EmbeddingsRequest request = EmbeddingsRequest.parse(body);
    List<Tokens> texts = new ArrayList<>(request.texts().size());
    for (String text : request.texts()) {
      if (call.context().cancellation().isCancelled()) {
        throw MillraceException.of(ErrorCode.CLIENT_CLOSED, "the caller went away");
      }
      texts.add(task.tokenize(text));
    }
    var terms = QueueTerms.of(call.context(), replica.serving(), Map.of(), arrival);
    return new Work(request, texts, new EmbeddingRun(replica, task, texts, terms));
  }

  private OipReply reply(OipCall call, Replica replica, Work work, List<float[]> vectors) {
    EmbeddingsRequest request = work.request();
    spans.record(call.context().traceparent(), replica.version().key(), work.run().timing());
    if (request.dimensions() > 0) {
      vectors.replaceAll(vector -> shortened(vector, request.dimensions()));
    }
    String name = request.model().isEmpty() ? call.context().endpoint() : request.model();
    ByteBuffer body = EmbeddingsResponse.write(name, vectors, work.tokens(), request.base64());
    replica.meters().bytes(call.body().remaining(), body.remaining());
    Map<String, String> headers =
        flow.answer(replica.version().key().version(), call.context(), work.run().timing())
            .headers();
    headers.put("content-type", ErrorReplies.JSON);
    headers.put("x-request-id", call.context().requestId());
    return new OipReply(200, headers, List.of(body));
  }

  private static float[] shortened(float[] vector, int dimensions) {
    if (dimensions > vector.length) {
      throw MillraceException.of(
              ErrorCode.INVALID_ARGUMENT,
              "dimensions: %d (expected: at most %d)",
              dimensions,
              vector.length)
          .withDetail("param", "dimensions");
    }
    return dimensions == vector.length ? vector : EmbeddingTask.shortened(vector, dimensions);
  }

  private static MillraceException noTask(OipCall call) {
    return MillraceException.of(
            ErrorCode.INVALID_ARGUMENT,
            "model '%s' has no task 'embedding' in its manifest; call its /infer route",
            call.context().endpoint())
        .withDetail("param", "model");
  }
}
