package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.runtime.batching.BatchExecutor;
import dev.millrace.runtime.batching.BatchRejectedException;
import dev.millrace.runtime.batching.BatchRequest;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.BatchScheduler;
import dev.millrace.runtime.batching.Submission;
import dev.millrace.runtime.batching.Termination;
import dev.millrace.runtime.batching.Ticker;
import dev.millrace.runtime.engine.DirectMemoryPool;
import dev.millrace.runtime.engine.InputCheck;
import dev.millrace.runtime.engine.ModelExecutionException;
import dev.millrace.runtime.engine.ModelInstances;
import dev.millrace.runtime.engine.ModelRequest;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.engine.RunHandle;
import dev.millrace.runtime.server.metrics.Rejection;
import dev.millrace.runtime.server.metrics.ReplicaMeters;
import dev.millrace.runtime.server.metrics.RuntimeMetrics;
import dev.millrace.runtime.server.sequence.StatePlan;
import dev.millrace.runtime.server.text.Labels;
import dev.millrace.runtime.server.text.TextTask;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A version loaded into ONNX Runtime, with its queue in front. Owns session and tokenizer. */
final class OnnxReplica implements Replica {
  /** How long a version whose runs keep failing is out of service before a call may try it. */
  private static final Duration BREAKER_PAUSE = Duration.ofSeconds(5);

  /** Nobody holds a lease when it closes, so nothing of worth is left in the queue. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final VersionEntry version;
  private final ModelInstances sessions;
  private volatile ServingOptions serving;
  private final @Nullable TextTask text;
  private final Labels labels;
  private final InputCheck check;
  private final Optional<StatePlan> states;
  private final ReplicaMeters meters;
  private final VersionBreaker breaker;
  private final CompletableFuture<Void> freed = new CompletableFuture<>();
  private final boolean joins;
  private final boolean tellsLength;
  private final boolean oneShape;
  private final BatchScheduler<ModelRequest, ModelResult> scheduler;
  private final Runnable closed;

  OnnxReplica(VersionEntry version, ServingOptions serving, Parts parts, RuntimeMetrics metrics) {
    this.version = version;
    this.serving = serving;
    this.sessions = parts.sessions();
    this.text = parts.text();
    this.labels = parts.labels();
    this.closed = parts.closed();
    JoinPlan plan = parts.plan();
    this.check =
        plan.padding() == null
            ? InputCheck.of(sessions.signature())
            : InputCheck.of(sessions.signature(), plan.padding());
    this.states = StatePlan.of(sessions.signature(), version.manifest().statesOrNone());
    this.meters = metrics.replica(version.key());
    this.breaker = new VersionBreaker(version.key(), BREAKER_PAUSE, Ticker.system());
    this.joins = plan.maxBatch() > 1;
    this.tellsLength = plan.padding() != null;
    this.oneShape =
        sessions.signature().inputs().stream().allMatch(OnnxReplica::isFixedButForTheBatch);
    this.scheduler =
        BatchScheduler.start(
            version.key().model() + "-" + version.key().version(),
            plan.options(serving, sessions.size()),
            new Execution(sessions.runners(plan.padding()), breaker),
            new BatchMeters(meters),
            new EventLoopWakeUps());
  }

  private static boolean isFixedButForTheBatch(TensorSignature input) {
    for (int axis = 0; axis < input.shape().size(); axis++) {
      boolean batch = input.batchAxis() != null && input.batchAxis() == axis;
      if (!batch && input.shape().get(axis).isFree()) {
        return false;
      }
    }
    return true;
  }

  /**
   * What was loaded from the version's files.
   *
   * @param plan how requests are joined
   * @param labels names of its classes; possibly none
   * @param closed told when nobody will use it any more
   */
  record Parts(
      ModelInstances sessions,
      JoinPlan plan,
      @Nullable TextTask text,
      Labels labels,
      Runnable closed) {}

  @Override
  public VersionEntry version() {
    return version;
  }

  @Override
  public Signature signature() {
    return sessions.signature();
  }

  @Override
  public DirectMemoryPool inputMemory() {
    return sessions.memory();
  }

  @Override
  public ServingOptions serving() {
    return serving;
  }

  @Override
  public void serve(ServingOptions serving) {
    this.serving = serving;
  }

  @Override
  public Optional<TextTask> text() {
    return Optional.ofNullable(text);
  }

  @Override
  public Labels labels() {
    return labels;
  }

  @Override
  public Optional<StatePlan> states() {
    return states;
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
  public Optional<String> outOfService() {
    return breaker.outOfService();
  }

  @Override
  public Submission<ModelResult> submit(InferRequest request, Terms terms) {
    ModelRequest checked = check.check(request);
    boolean trial = admit() == VersionBreaker.Pass.TRIAL;
    // Where nothing is joined all may stand in one line.
    Object family = joins ? checked.familyKey() : this;
    Submission<ModelResult> submission =
        scheduler.submit(
            new BatchRequest<>(
                checked, checked.rows(), checked.bytes(), family, length(checked), terms));
    if (trial) {
      submission
          .result()
          .whenComplete(
              (_, failure) -> {
                if (failure != null && !Execution.counts(failure)) {
                  breaker.abandoned();
                }
              });
    }
    return submission;
  }

  private VersionBreaker.Pass admit() {
    try {
      return breaker.admit();
    } catch (MillraceException outOfService) {
      meters.rejected(Rejection.NOT_READY);
      throw outOfService;
    }
  }

  /** What the time of an execution depends on, besides the rows. */
  private int length(ModelRequest request) {
    if (tellsLength) {
      return request.length();
    }
    return oneShape ? 0 : (int) Math.min(1 << 30, request.bytes() / request.rows());
  }

  @Override
  public void close() {
    closed.run();
    // The last lease may end on the dispatcher's own thread, which must not wait for itself.
    Thread.ofPlatform()
        .name("millrace-unload-" + version.key().model() + "-" + version.key().version())
        .daemon()
        .start(this::dispose);
  }

  private void dispose() {
    try {
      scheduler.close(CLOSE_LIMIT);
      sessions.close();
      if (text != null) {
        text.close();
      }
    } finally {
      freed.complete(null);
    }
  }

  @Override
  public CompletionStage<Void> freed() {
    return freed;
  }

  /** One ONNX Runtime call per batch. */
  private record Execution(ModelInstances.Runners runners, VersionBreaker breaker)
      implements BatchExecutor<ModelRequest, ModelResult> {
    @Override
    public List<ModelResult> execute(List<ModelRequest> requests, Termination termination)
        throws ModelExecutionException {
      var handle = new RunHandle();
      termination.onTerminate(handle::cancel);
      long started = System.nanoTime();
      try {
        List<ModelResult> results = runners.execute(requests, handle);
        breaker.succeeded(System.nanoTime() - started);
        return results;
      } catch (ModelExecutionException | RuntimeException failure) {
        // A batch of several is split first: only then it is known how many fail.
        if (requests.size() == 1 && counts(failure)) {
          breaker.failed(failure);
        }
        throw failure;
      }
    }

    /** Whether the failure says something about the version. */
    static boolean counts(Throwable failure) {
      return switch (failure) {
        case ModelExecutionException known -> known.kind() == ModelExecutionException.Kind.FAILED;
        case BatchRejectedException _ -> false;
        default -> true;
      };
    }

    @Override
    public boolean worthSplitting(Exception failure) {
      boolean unloaded =
          failure instanceof ModelExecutionException known
              && known.kind() == ModelExecutionException.Kind.CLOSED;
      return !unloaded && !breaker.isOpen();
    }

    @Override
    public void discard(ModelResult result) {
      result.close();
    }
  }
}
