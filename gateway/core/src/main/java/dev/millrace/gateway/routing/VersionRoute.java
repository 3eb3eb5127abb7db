package dev.millrace.gateway.routing;

import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the table knows of one version: the replicas that serve it, and why there are none.
 *
 * @param ready replicas that take calls
 * @param assigned how many runtimes should have it loaded
 * @param loading how many of them are loading it
 * @param failure why it failed on one of them; null when it did not
 */
record VersionRoute(
    VersionEntry entry, List<Replica> ready, int assigned, int loading, @Nullable String failure) {
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration LATER = Duration.ofSeconds(5);

  /** Why no replica takes calls, as the failure to answer with. */
  MillraceException unavailable(String endpoint) {
    int version = entry.key().version();
    if (entry.state() == VersionState.REJECTED) {
      return MillraceException.of(
          ErrorCode.MODEL_REJECTED,
          "endpoint '%s': version %d did not pass admission (its reason: GET"
              + " /api/v1/models/%s/versions/%d)",
          endpoint,
          version,
          entry.key().model(),
          version);
    }
    var reason = reason();
    return MillraceException.of(
            ErrorCode.MODEL_NOT_READY,
            "endpoint '%s': version %d is not ready: %s",
            endpoint,
            version,
            reason)
        .withDetail("version", version)
        .withRetryAfter(assigned == 0 || failure != null ? LATER : SOON);
  }

  /** What the index says of it under an endpoint's name. */
  IndexEntry index(String endpoint) {
    int version = entry.key().version();
    if (!ready.isEmpty()) {
      return new IndexEntry(endpoint, version, IndexEntry.State.READY, "");
    }
    boolean arriving = entry.state() == VersionState.READY && loading > 0;
    return new IndexEntry(
        endpoint,
        version,
        arriving ? IndexEntry.State.LOADING : IndexEntry.State.UNAVAILABLE,
        reason());
  }

  /** Whether waiting is in vain: a runtime has tried to load it, and none is trying now. */
  boolean failed() {
    return ready.isEmpty() && loading == 0 && failure != null;
  }

  private String reason() {
    if (entry.state() == VersionState.REJECTED) {
      return "it did not pass admission";
    }
    if (entry.state() == VersionState.UPLOADED) {
      return "it waits for admission";
    }
    if (entry.state() == VersionState.VALIDATING) {
      return "it is being validated";
    }
    if (assigned == 0) {
      return "no runtime is assigned to it";
    }
    if (loading > 0) {
      return "it is loading";
    }
    if (failure != null) {
      return "it failed to load: " + failure;
    }
    return "the runtimes assigned to it have not reported it ready";
  }

  /** Collects what members say of one version. */
  static final class Collector {
    private final VersionEntry entry;
    private final ArrayList<Replica> ready = new ArrayList<>(2);
    private int assigned;
    private int loading;
    private @Nullable String failure;

    Collector(VersionEntry entry) {
      this.entry = entry;
    }

    /**
     * A runtime should have the version loaded; {@code state} is null while it has not reported.
     */
    void assigned(
        Replica replica, boolean draining, @Nullable ReplicaState state, @Nullable String reason) {
      assigned++;
      if (state == ReplicaState.READY && !draining) {
        ready.add(replica);
      } else if (state == ReplicaState.LOADING) {
        loading++;
      } else if (state == ReplicaState.FAILED) {
        failure = reason == null ? "unknown reason" : reason;
      }
    }

    VersionRoute build() {
      return new VersionRoute(entry, List.copyOf(ready), assigned, loading, failure);
    }
  }
}
