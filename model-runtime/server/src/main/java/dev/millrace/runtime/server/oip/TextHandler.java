package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.runtime.engine.ModelLease;
import dev.millrace.runtime.server.cache.CacheStatus;
import dev.millrace.runtime.server.cache.ResponseCache;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.metrics.ReplicaMeters;
import dev.millrace.runtime.server.metrics.VersionStatistics;
import dev.millrace.runtime.server.openai.TextBody;
import dev.millrace.runtime.server.openai.TextCall;
import dev.millrace.runtime.server.openai.TextPlan;
import dev.millrace.runtime.server.openai.TextRoute;
import dev.millrace.runtime.server.replica.Replica;
import dev.millrace.runtime.server.replica.Replicas;
import dev.millrace.runtime.server.telemetry.RequestSpans;
import dev.millrace.runtime.server.text.TextTask;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The text routes: a body becomes rows of tokens, each row a request of its own, and their numbers
 * become the answer. Never blocks.
 */
@Singleton
class TextHandler {
  private final Replicas replicas;
  private final ColdStarts coldStarts;
  private final InferenceFlow flow;
  private final Workers workers;
  private final CachedInference cached;
  private final RequestSpans spans;
  private final int maxBodyBytes;

  TextHandler(
      Replicas replicas,
      ColdStarts coldStarts,
      InferenceFlow flow,
      Workers workers,
      CachedInference cached,
      RequestSpans spans,
      RuntimeOptions options) {
    this.replicas = replicas;
    this.coldStarts = coldStarts;
    this.flow = flow;
    this.workers = workers;
    this.cached = cached;
    this.spans = spans;
    this.maxBodyBytes = options.limits().maxBodyBytes();
  }

  /** What one call works on. */
  private record Work(TextPlan plan, TextRun run) {}

  CompletionStage<OipReply> handle(OipCall call, TextRoute route) {
    ModelLease<Replica> lease = replicas.acquire(call.context().requireTarget());
    return lease != null
        ? run(call, route, lease)
        : coldStarts.await(
            call.context(),
            call.body().remaining(),
            (woken, context) -> run(call.in(context), route, woken));
  }

  private CompletionStage<OipReply> run(OipCall call, TextRoute route, ModelLease<Replica> lease) {
    Replica replica = lease.model();
    long arrival = System.nanoTime();
    // Tokenizing takes its time, and nothing bounds it but the body: always on a worker.
    return CompletableFuture.supplyAsync(() -> prepare(call, route, replica, arrival), workers)
        .thenCompose(
            work ->
                work.run()
                    .start(call.context().cancellation())
                    .thenApplyAsync(values -> reply(call, replica, work, values), workers)
                    .whenComplete((done, _) -> count(replica, work, done != null, arrival)))
        .whenComplete((_, _) -> lease.close());
  }

  private static void count(Replica replica, Work work, boolean answered, long arrival) {
    VersionStatistics statistics = replica.meters().statistics();
    long nanos = System.nanoTime() - arrival;
    if (!answered) {
      statistics.failed(nanos);
      return;
    }
    statistics.succeeded(nanos, work.run().timing().queueNanos());
    statistics.computed(0, work.run().timing().computeNanos(), 0);
  }

  private Work prepare(OipCall call, TextRoute route, Replica replica, long arrival) {
    TextTask task = route.require(replica.text(), call.context().endpoint());
    ByteBuffer body =
        ContentDecoding.decode(call.headers().get("content-encoding"), call.body(), maxBodyBytes);
    TextPlan plan =
        route.plan(
            new TextCall(
                call.context().requestId(),
                call.context().endpoint(),
                TextBody.parse(body),
                task,
                replica.serving().acceptTokenIds(),
                () -> requireCaller(call, replica)));
    var terms = QueueTerms.of(call.context(), replica.serving(), Map.of(), arrival);
    ResponseCache answers =
        plan.rows().isEmpty() ? null : cached.forTexts(replica, call.context().endpoint());
    return new Work(plan, new TextRun(replica, plan, terms, answers));
  }

  private static void requireCaller(OipCall call, Replica replica) {
    if (call.context().cancellation().isCancelled()) {
      replica.meters().cancelled(ReplicaMeters.Stage.ADMISSION);
      throw MillraceException.of(ErrorCode.CLIENT_CLOSED, "the caller went away");
    }
  }

  private OipReply reply(OipCall call, Replica replica, Work work, List<float[]> values) {
    CacheStatus status = work.run().status();
    spans.record(
        call.context().traceparent(), replica.version().key(), work.run().timing(), status);
    ByteBuffer body = work.plan().answer().apply(values);
    replica.meters().bytes(call.body().remaining(), body.remaining());
    Map<String, String> headers =
        new LinkedHashMap<>(
            flow.answer(
                    Integer.toString(replica.version().key().version()),
                    call.context(),
                    work.run().timing(),
                    status)
                .metadata());
    headers.put("content-type", ErrorReplies.JSON);
    headers.put("x-request-id", call.context().requestId());
    return new OipReply(200, headers, List.of(body));
  }
}
