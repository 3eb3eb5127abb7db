package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.engine.ModelLease;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The versions that calls can use. Safe from many threads; nothing blocks. */
public interface Replicas {
  /**
   * Takes part in a loaded version: it is not unloaded before the lease is closed.
   *
   * @return null when the version is not in memory but comes when called: {@link #awaken} it
   * @throws dev.millrace.protocol.error.MillraceException NOT_FOUND when no such version is known,
   *     MODEL_NOT_READY when it is not loaded here (the message says why), OVERLOADED while the
   *     runtime drains
   */
  @Nullable ModelLease<Replica> acquire(VersionKey version);

  /**
   * The same for a version that is not in memory: has it loaded, once for all calls that wait.
   *
   * @param bytes that the call holds while it waits
   * @param deadlineNanos on {@link System#nanoTime()}, until when it waits; the version's own
   *     timeout is another limit
   * @return completes on a thread that must not be kept; the caller closes the lease, or completes
   *     the future exceptionally to wait no longer. Fails with INSUFFICIENT_MEMORY,
   *     MODEL_NOT_READY, DEADLINE_EXCEEDED or OVERLOADED
   * @throws dev.millrace.protocol.error.MillraceException as {@link #acquire}; OVERLOADED when too
   *     many calls wait already
   */
  CompletableFuture<ModelLease<Replica>> awaken(VersionKey version, long bytes, long deadlineNanos);

  /**
   * What is known of a version that calls can use, in memory or not. No use of it: an idle version
   * stays idle.
   *
   * @throws dev.millrace.protocol.error.MillraceException as {@link #acquire}
   */
  ServedVersion describe(VersionKey version);

  /**
   * Whether calls will be answered: what a caller is told who polls before the first one.
   *
   * @throws dev.millrace.protocol.error.MillraceException as {@link #acquire}; MODEL_NOT_READY also
   *     while the version is out of service because its runs keep failing
   */
  void requireReady(VersionKey version);

  /** What the version holds in memory, in bytes; 0 while it holds nothing. */
  long memoryBytes(VersionKey version);

  /** Whether the version is in memory and answers. */
  boolean isReady(VersionKey version);

  /** Whether this runtime takes calls at all. */
  boolean accepting();
}
