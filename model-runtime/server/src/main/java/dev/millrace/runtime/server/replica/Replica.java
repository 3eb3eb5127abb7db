package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.Submission;
import dev.millrace.runtime.engine.DirectMemoryPool;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.server.metrics.ReplicaMeters;
import dev.millrace.runtime.server.sequence.StatePlan;
import dev.millrace.runtime.server.text.Labels;
import dev.millrace.runtime.server.text.TextTask;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One loaded version. Safe from many threads; used under a lease. */
public interface Replica extends AutoCloseable {
  /** The version as the registry describes it. */
  VersionEntry version();

  /** Inputs and outputs as the loaded session says. */
  Signature signature();

  /** How it is served. */
  ServingOptions serving();

  /**
   * Serves it by other options from now on; calls that were let in keep the ones they found.
   *
   * @param serving {@linkplain ServingOptions#loadsAs as it was loaded}
   */
  void serve(ServingOptions serving);

  /** What it does with text, if its task is one of text. */
  Optional<TextTask> text();

  /** Names of its classes, as the bundle gives them; possibly none. */
  default Labels labels() {
    return Labels.none();
  }

  /** What it keeps within a sequence, if it keeps anything. */
  Optional<StatePlan> states();

  /** Where its work is counted. */
  ReplicaMeters meters();

  /**
   * Direct memory from which inputs need no copy on their way into a batch of their own; null when
   * there is none.
   */
  default @Nullable DirectMemoryPool inputMemory() {
    return null;
  }

  /** Why it is out of service because its runs keep failing; empty while it is healthy. */
  Optional<String> outOfService();

  /** Requests that wait now. */
  int queueDepth();

  /**
   * Checks the request against the signature and queues it; never blocks.
   *
   * @param request its tensors must stay unchanged until the result is there
   * @param terms by when, before whom and for whom; times on {@link System#nanoTime()}
   * @return completes with the outputs asked for, in that order; the caller closes them
   * @throws dev.millrace.protocol.error.MillraceException INVALID_ARGUMENT when the request does
   *     not fit the signature; MODEL_NOT_READY while the version is out of service because its runs
   *     keep failing
   */
  Submission<ModelResult> submit(InferRequest request, Terms terms);

  /** Ends it after its last lease; frees session and threads in the background. */
  @Override
  void close();

  /** Completes when what {@link #close} frees in the background has been freed. */
  CompletionStage<Void> freed();
}
