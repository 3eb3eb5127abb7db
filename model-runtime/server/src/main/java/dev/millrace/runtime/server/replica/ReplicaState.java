package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.runtime.engine.LoadedModel;
import dev.millrace.runtime.server.metrics.ModelState;
import org.jspecify.annotations.Nullable;

/** How far a version is on this runtime. Immutable; a transition is another instance. */
sealed interface ReplicaState {

  /** The same in a report to the registry. */
  MemberReport.ReplicaState reported();

  /** The same in the metrics. */
  ModelState shown();

  /** Why calls are not answered; null when they are. */
  @Nullable String reason();

  /** Files are fetched, the session is made and warmed up; or it waits for memory to do so. */
  record Loading() implements ReplicaState {
    @Override
    public MemberReport.ReplicaState reported() {
      return MemberReport.ReplicaState.LOADING;
    }

    @Override
    public ModelState shown() {
      return ModelState.LOADING;
    }

    @Override
    public String reason() {
      return "it is loading";
    }
  }

  /**
   * Calls are answered.
   *
   * @param bytes that it holds in memory
   */
  record Ready(LoadedModel<Replica> model, ServedVersion served, long bytes)
      implements ReplicaState {
    @Override
    public MemberReport.ReplicaState reported() {
      return MemberReport.ReplicaState.READY;
    }

    @Override
    public ModelState shown() {
      return ModelState.READY;
    }

    @Override
    public @Nullable String reason() {
      return null;
    }

    Unloading unloading() {
      return new Unloading(model, served);
    }

    /** The same model, served in another way from now on. */
    Ready as(ServingOptions serving) {
      return new Ready(
          model,
          new ServedVersion(served.version(), served.signature(), serving, served.labels()),
          bytes);
    }

    Asleep asleep() {
      return new Asleep(served);
    }
  }

  /**
   * Not in memory, but the next call loads it and is answered: to everybody else it is ready. It
   * stays so while it is being loaded for the calls that wait.
   */
  record Asleep(ServedVersion served) implements ReplicaState {
    @Override
    public MemberReport.ReplicaState reported() {
      return MemberReport.ReplicaState.READY;
    }

    @Override
    public ModelState shown() {
      return ModelState.ASLEEP;
    }

    @Override
    public String reason() {
      return "it is not in memory";
    }

    /** One that has not been loaded yet. */
    static Asleep of(Desired.Wanted wanted) {
      VersionEntry version = wanted.version();
      return new Asleep(new ServedVersion(version, version.signature(), wanted.serving(), 0));
    }

    /** The same, as the snapshot wants it now. */
    Asleep as(Desired.Wanted wanted) {
      return new Asleep(
          new ServedVersion(
              wanted.version(), served.signature(), wanted.serving(), served.labels()));
    }
  }

  /** Loading did not work; it is tried again after a pause. */
  record Failed(String reason) implements ReplicaState {
    @Override
    public MemberReport.ReplicaState reported() {
      return MemberReport.ReplicaState.FAILED;
    }

    @Override
    public ModelState shown() {
      return ModelState.FAILED;
    }
  }

  /**
   * The calls in flight are finished. A call that comes all the same knows more than this runtime
   * does: the version is wanted again, or has been until a moment ago. It brings the version back.
   */
  record Unloading(LoadedModel<Replica> model, ServedVersion served) implements ReplicaState {
    @Override
    public MemberReport.ReplicaState reported() {
      return MemberReport.ReplicaState.UNLOADING;
    }

    @Override
    public ModelState shown() {
      return ModelState.UNLOADING;
    }

    @Override
    public String reason() {
      return "it is being unloaded";
    }

    Asleep asleep() {
      return new Asleep(served);
    }
  }
}
