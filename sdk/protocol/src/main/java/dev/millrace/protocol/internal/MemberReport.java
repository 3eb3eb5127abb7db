package dev.millrace.protocol.internal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a runtime tells the registry about itself every few seconds; it lives 10 s.
 *
 * @param id unique and stable for the life of the process
 * @param httpAddress {@code host:port} where gateways reach its HTTP routes; {@code in-process} in
 *     one process
 * @param grpcAddress {@code host:port} of its gRPC server
 * @param pool the pool it belongs to
 * @param hardwareClass what its profiles are measured for, for example {@code cpu}
 * @param draining whether it takes no new work
 * @param replicas one loaded (or loading, or failed) version each
 */
public record MemberReport(
    String id,
    String httpAddress,
    String grpcAddress,
    String pool,
    String hardwareClass,
    boolean draining,
    List<ReplicaReport> replicas) {

  /** How far a replica is. */
  public enum ReplicaState {
    LOADING,
    READY,
    FAILED,
    UNLOADING
  }

  /**
   * One version on this runtime.
   *
   * @param reason why it failed; null otherwise
   * @param asleep whether it is READY without being in memory: the next call loads it. Not a state
   *     of its own, since whoever routes calls must not make a difference
   */
  public record ReplicaReport(
      VersionKey version, ReplicaState state, @Nullable String reason, boolean asleep) {

    /** One that is not asleep. */
    public ReplicaReport(VersionKey version, ReplicaState state, @Nullable String reason) {
      this(version, state, reason, false);
    }
  }
}
