package dev.millrace.benchmarks;

import java.nio.file.Path;

/** Where the distribution lies that is measured. */
final class BenchHome {
  private BenchHome() {}

  /** What the launcher says; the current folder without it. */
  static Path path() {
    return Path.of(System.getProperty("millrace.home", ".")).toAbsolutePath().normalize();
  }
}
