package dev.millrace.protocol.internal;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;

/**
 * How gateways and runtimes reach the registry: over HTTP in a cluster, by a direct call in one
 * process. All methods block and are called from virtual or worker threads, never from an event
 * loop; all are safe from many threads.
 */
public interface RegistryLink {
  /** Who asks: only gateways receive key hashes. */
  enum Audience {
    GATEWAY,
    RUNTIME
  }

  /**
   * Waits for a snapshot newer than {@code after}.
   *
   * @param after number of the snapshot the caller holds; 0 for none. When {@code epoch} is not the
   *     registry's, the current snapshot comes at once
   * @param wait at most 60 s
   * @return the newest snapshot, or empty when nothing changed in time
   */
  Optional<Snapshot> snapshot(long after, String epoch, Audience audience, Duration wait)
      throws IOException, InterruptedException;

  /** Tells that a runtime is alive and what it holds. Idempotent. */
  void report(MemberReport member) throws IOException, InterruptedException;

  /** Tells that a runtime is gone; unknown ids are ignored. */
  void leave(String memberId) throws IOException, InterruptedException;

  /** Tells the verdict on a version. Idempotent; the first verdict stands. */
  void admission(AdmissionReport verdict) throws IOException, InterruptedException;

  /**
   * Tells what was measured of a version that has been admitted before: on another hardware class,
   * or anew. It replaces the profile of the same digest and hardware class.
   */
  void profile(Profile measured) throws IOException, InterruptedException;

  /**
   * Loads or unloads what an endpoint serves, by a write of its spec. Idempotent: what is so
   * already is not written again. It does not wait for runtimes.
   *
   * @throws MillraceException NOT_FOUND for an unknown name, MODEL_REJECTED with the reason,
   *     MODEL_NOT_READY when no version of the model has passed admission yet, INVALID_ARGUMENT
   *     that names a field of the configuration
   */
  RepositoryChange.Made repository(RepositoryChange change)
      throws IOException, InterruptedException;

  /**
   * Opens an artifact. The caller verifies the digest while reading, and closes the stream.
   *
   * @param digest {@code sha256:…}
   * @throws IOException when the artifact is not there or the connection breaks
   */
  InputStream openArtifact(String digest) throws IOException, InterruptedException;
}
