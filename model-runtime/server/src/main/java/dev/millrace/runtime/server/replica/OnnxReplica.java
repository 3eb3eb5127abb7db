package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.runtime.batching.BatchExecutor;
import dev.millrace.runtime.batching.BatchOptions;
import dev.millrace.runtime.batching.BatchRequest;
import dev.millrace.runtime.batching.BatchScheduler;
import dev.millrace.runtime.batching.Submission;
import dev.millrace.runtime.engine.InputCheck;
import dev.millrace.runtime.engine.ModelExecutionException;
import dev.millrace.runtime.engine.ModelInstances;
import dev.millrace.runtime.engine.ModelRequest;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.engine.PaddingPlan;
import dev.millrace.runtime.server.metrics.ReplicaMeters;
import dev.millrace.runtime.server.metrics.RuntimeMetrics;
import dev.millrace.runtime.server.text.EmbeddingTask;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A version loaded into ONNX Runtime, with its queue in front. Owns session and tokenizer. */
final class OnnxReplica implements Replica {
  /** Payloads that wait for one replica, at most: four bodies of the default limit. */
  private static final long MAX_QUEUE_BYTES = 256L << 20;

  /** Nobody holds a lease when it closes, so nothing of worth is left in the queue. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final VersionEntry version;
  private final ModelInstances sessions;
  private final ServingOptions serving;
  private final @Nullable EmbeddingTask embedding;
  private final InputCheck check;
  private final ReplicaMeters meters;
  private final BatchScheduler<ModelRequest, ModelResult> scheduler;

  OnnxReplica(VersionEntry version, ServingOptions serving, Parts parts, RuntimeMetrics metrics) {
    this.version = version;
    this.serving = serving;
    this.sessions = parts.sessions();
    this.embedding = parts.embedding();
    PaddingPlan padding = parts.padding();
    this.check =
        padding == null
            ? InputCheck.of(sessions.signature())
            : InputCheck.of(sessions.signature(), padding);
    this.meters = metrics.replica(version.key());
    var batching = serving.batching();
    this.scheduler =
        BatchScheduler.start(
            version.key().model() + "-" + version.key().version(),
            new BatchOptions(
                batching.maxBatch(),
                batching.maxQueue(),
                MAX_QUEUE_BYTES,
                batching.maxDelay(),
                sessions.size()),
            new Execution(sessions.runners(padding)),
            new BatchMeters(meters));
  }

  /**
   * What was loaded from the version's files.
   *
   * @param padding how requests of different length share a batch; null when they must not
   */
  record Parts(
      ModelInstances sessions, @Nullable PaddingPlan padding, @Nullable EmbeddingTask embedding) {}

  @Override
  public VersionEntry version() {
    return version;
  }

  @Override
  public Signature signature() {
    return sessions.signature();
  }

  @Override
  public ServingOptions serving() {
    return serving;
  }

  @Override
  public Optional<EmbeddingTask> embedding() {
    return Optional.ofNullable(embedding);
  }

  @Override
  public ReplicaMeters meters() {
    return meters;
  }

  @Override
  public int queueDepth() {
    return scheduler.queuedRequests();
  }

  @Override
  public Submission<ModelResult> submit(InferRequest request, long deadlineNanos) {
    ModelRequest checked = check.check(request);
    return scheduler.submit(
        new BatchRequest<>(
            checked, checked.rows(), checked.bytes(), checked.shapeKey(), deadlineNanos));
  }

  @Override
  public void close() {
    // The last lease may end on the dispatcher's own thread, which must not wait for itself.
    Thread.ofPlatform()
        .name("millrace-unload-" + version.key().model() + "-" + version.key().version())
        .daemon()
        .start(this::dispose);
  }

  private void dispose() {
    scheduler.close(CLOSE_LIMIT);
    sessions.close();
    if (embedding != null) {
      embedding.close();
    }
  }

  /** One ONNX Runtime call per batch. */
  private record Execution(ModelInstances.Runners runners)
      implements BatchExecutor<ModelRequest, ModelResult> {
    @Override
    public List<ModelResult> execute(List<ModelRequest> requests) throws ModelExecutionException {
      return runners.execute(requests, null);
    }

    @Override
    public boolean worthSplitting(Exception failure) {
      return !(failure instanceof ModelExecutionException known
          && known.kind() == ModelExecutionException.Kind.CLOSED);
    }

    @Override
    public void discard(ModelResult result) {
      result.close();
    }
  }
}
