package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.Submission;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.server.metrics.ReplicaMeters;
import dev.millrace.runtime.server.sequence.StatePlan;
import dev.millrace.runtime.server.text.TextTask;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Something to load and unload that computes nothing. */
final class FakeReplica implements Replica {
  @Override
  public VersionEntry version() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Signature signature() {
    throw new UnsupportedOperationException();
  }

  @Override
  public ServingOptions serving() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void serve(ServingOptions serving) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<TextTask> text() {
    return Optional.empty();
  }

  @Override
  public Optional<StatePlan> states() {
    return Optional.empty();
  }

  @Override
  public ReplicaMeters meters() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<String> outOfService() {
    return Optional.empty();
  }

  @Override
  public int queueDepth() {
    return 0;
  }

  @Override
  public Submission<ModelResult> submit(InferRequest request, Terms terms) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}

  @Override
  public CompletionStage<Void> freed() {
    return CompletableFuture.completedFuture(null);
  }
}
