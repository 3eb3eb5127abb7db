package dev.millrace.runtime.engine.admission;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Bounds of the child process that judges a version.
 *
 * @param folder where each child gets a folder of its own, removed after it
 * @param timeout longest life of a child, from its start to its answer
 * @param memoryBytes most resident memory, at least 128 MiB
 * @param children how many may run at a time, at least 1
 * @param kernelBounds whether the kernel bounds address space and file sizes, too: not for a GPU,
 *     whose driver reserves more than there is and whose libraries are larger than any model file
 */
public record ChildOptions(
    Path folder, Duration timeout, long memoryBytes, int children, boolean kernelBounds) {
  private static final long LEAST_MEMORY = 128L << 20;

  /** With the kernel's bounds. */
  public ChildOptions(Path folder, Duration timeout, long memoryBytes, int children) {
    this(folder, timeout, memoryBytes, children, true);
  }

  public ChildOptions {
    if (timeout.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("timeout: " + timeout + " (expected: at least 1 s)");
    }
    if (memoryBytes < LEAST_MEMORY) {
      throw new IllegalArgumentException(
          "memoryBytes: " + memoryBytes + " (expected: at least 128 MiB)");
    }
    if (children < 1) {
      throw new IllegalArgumentException("children: " + children + " (expected: at least 1)");
    }
  }
}
