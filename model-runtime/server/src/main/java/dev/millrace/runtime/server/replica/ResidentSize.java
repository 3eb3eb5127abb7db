package dev.millrace.runtime.server.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * By how much loads make this process grow, as far as that can be told: where the kernel counts
 * anonymous memory, and no other load ran at the same time. Calls of other versions and the heap
 * disturb it, so it only speaks where nobody has measured better. Thread-safe.
 */
final class ResidentSize {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String FIELD = "RssAnon:";

  private final AtomicInteger running = new AtomicInteger();
  private final AtomicLong begun = new AtomicLong();

  /** One load under observation; close it when it is over, however it ended. */
  final class Watch implements AutoCloseable {
    private final boolean alone = running.incrementAndGet() == 1;
    private final long number = begun.incrementAndGet();
    private final long before = anonymousBytes();

    /** By how much the process has grown since; empty when it cannot be told. */
    OptionalLong growth() {
      long now = anonymousBytes();
      boolean undisturbed = alone && begun.get() == number && before > 0;
      return undisturbed && now > before ? OptionalLong.of(now - before) : OptionalLong.empty();
    }

    @Override
    public void close() {
      running.decrementAndGet();
    }
  }

  /** Begins to watch. */
  Watch watch() {
    return new Watch();
  }

  private static long anonymousBytes() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(FIELD)) {
          return Long.parseLong(line.substring(FIELD.length()).replace("kB", "").strip()) << 10;
        }
      }
    } catch (IOException | NumberFormatException notLinux) {
      return 0;
    }
    return 0;
  }
}
