package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.engine.ModelLease;

/** The versions that calls can use now. Safe from many threads; nothing blocks. */
public interface Replicas {
  /**
   * Takes part in a loaded version: it is not unloaded before the lease is closed.
   *
   * @throws dev.millrace.protocol.error.MillraceException NOT_FOUND when no such version is known,
   *     MODEL_NOT_READY when it is not loaded here (the message says why), OVERLOADED while the
   *     runtime drains
   */
  ModelLease<Replica> acquire(VersionKey version);

  /** Whether {@link #acquire} would succeed. */
  boolean isReady(VersionKey version);

  /** Whether this runtime takes calls at all. */
  boolean accepting();
}
