package dev.millrace.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Which sources were measured. */
final class SourceCommit {
  private static final String UNKNOWN = "unknown";
  private static final long TIMEOUT_SECONDS = 10;

  private SourceCommit() {}

  /** The commit checked out there, with {@code -dirty} after it when files differ from it. */
  static String of(Path repository) throws InterruptedException {
    try {
      Process git =
          new ProcessBuilder("git", "describe", "--always", "--dirty", "--exclude", "*")
              .directory(repository.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String commit =
          new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      boolean ended = git.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      return ended && git.exitValue() == 0 && !commit.isEmpty() ? commit : UNKNOWN;
    } catch (IOException e) {
      return UNKNOWN; // no git here: a source archive
    }
  }
}
