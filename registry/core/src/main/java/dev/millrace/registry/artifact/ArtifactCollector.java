package dev.millrace.registry.artifact;

import dev.millrace.registry.store.ModelStore;
import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Deletes blobs that no version names. Collecting excludes publishing: between the moment an upload
 * commits its blobs and the moment its version is in the store, the blobs look unreferenced, and an
 * equal blob of a version being deleted must not vanish under a new one. Thread-safe, within one
 * process.
 */
public final class ArtifactCollector {
  private final ModelStore store;
  private final BlobStore blobs;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  /** A collector of {@code blobs} by what {@code store} names. */
  public ArtifactCollector(ModelStore store, BlobStore blobs) {
    this.store = store;
    this.blobs = blobs;
  }

  /** Keeps collectors out until it is closed. */
  public Publishing publishing() {
    var shared = lock.readLock();
    shared.lock();
    return new Publishing(shared);
  }

  /** Deletes those of {@code candidates} that no version names; returns how many. */
  public int collect(Collection<String> candidates) throws IOException {
    lock.writeLock().lock();
    try {
      var named = store.referenced(candidates);
      int deleted = 0;
      for (var digest : candidates) {
        if (!named.contains(digest) && blobs.delete(digest)) {
          deleted++;
        }
      }
      return deleted;
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Deletes all blobs that no version names: what crashed uploads left. */
  public int collectAll() throws IOException {
    return collect(blobs.digests());
  }

  /** While it is open, nothing is collected. For one thread. */
  public static final class Publishing implements AutoCloseable {
    private final Lock held;

    private Publishing(Lock held) {
      this.held = held;
    }

    @Override
    public void close() {
      held.unlock();
    }
  }
}
