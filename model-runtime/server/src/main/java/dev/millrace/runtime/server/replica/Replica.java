package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.runtime.batching.Submission;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.server.metrics.ReplicaMeters;
import dev.millrace.runtime.server.text.EmbeddingTask;
import java.util.Optional;

/** One loaded version. Safe from many threads; used under a lease. */
public interface Replica extends AutoCloseable {
  /** The version as the registry describes it. */
  VersionEntry version();

  /** Inputs and outputs as the loaded session says. */
  Signature signature();

  /** How it is served. */
  ServingOptions serving();

  /** What it does with text, if its task is embedding. */
  Optional<EmbeddingTask> embedding();

  /** Where its work is counted. */
  ReplicaMeters meters();

  /** Requests that wait now. */
  int queueDepth();

  /**
   * Checks the request against the signature and queues it; never blocks.
   *
   * @param request its tensors must stay unchanged until the result is there
   * @param deadlineNanos on {@link System#nanoTime()}
   * @return completes with the outputs asked for, in that order; the caller closes them
   * @throws dev.millrace.protocol.error.MillraceException INVALID_ARGUMENT when the request does
   *     not fit the signature
   */
  Submission<ModelResult> submit(InferRequest request, long deadlineNanos);

  /** Ends it after its last lease; frees session and threads in the background. */
  @Override
  void close();
}
