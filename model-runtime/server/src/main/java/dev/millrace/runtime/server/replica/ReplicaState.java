package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.runtime.engine.LoadedModel;
import org.jspecify.annotations.Nullable;

/** How far a version is on this runtime. Immutable; a transition is another instance. */
sealed interface ReplicaState {

  /** The same in a report to the registry. */
  MemberReport.ReplicaState reported();

  /** Why calls are not answered; null when they are. */
  @Nullable String reason();

  /** Files are fetched, the session is made and warmed up. */
  record Loading() implements ReplicaState {
    @Override
    public MemberReport.ReplicaState reported() {
      return MemberReport.ReplicaState.LOADING;
    }

    @Override
    public String reason() {
      return "it is loading";
    }

    Ready ready(LoadedModel<Replica> model) {
      return new Ready(model);
    }

    Failed failed(String reason) {
      return new Failed(reason);
    }
  }

  /** Calls are answered. */
  record Ready(LoadedModel<Replica> model) implements ReplicaState {
    @Override
    public MemberReport.ReplicaState reported() {
      return MemberReport.ReplicaState.READY;
    }

    @Override
    public @Nullable String reason() {
      return null;
    }

    Unloading unloading() {
      return new Unloading(model);
    }
  }

  /** Loading did not work; it is tried again after a pause. */
  record Failed(String reason) implements ReplicaState {
    @Override
    public MemberReport.ReplicaState reported() {
      return MemberReport.ReplicaState.FAILED;
    }
  }

  /** No new calls; the ones in flight are finished. */
  record Unloading(LoadedModel<Replica> model) implements ReplicaState {
    @Override
    public MemberReport.ReplicaState reported() {
      return MemberReport.ReplicaState.UNLOADING;
    }

    @Override
    public String reason() {
      return "it is being unloaded";
    }
  }
}
