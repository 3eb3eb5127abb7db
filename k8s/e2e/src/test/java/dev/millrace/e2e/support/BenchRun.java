package dev.millrace.e2e.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code ./millrace bench …} on what this build made. */
public final class BenchRun {
  private final Path directory;
  private final Path log;

  /** Runs in a folder of its own, where its output goes too. */
  public BenchRun(Path directory) {
    this.directory = directory;
    this.log = directory.resolve("bench.log");
  }

  /**
   * Runs to the end.
   *
   * @return the exit status
   */
  public int run(String... arguments) throws IOException, InterruptedException {
    Path root = Path.of(System.getProperty("millrace.root"));
    var command = new ArrayList<>(List.of(root.resolve("millrace").toString(), "bench"));
    command.addAll(List.of(arguments));
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    // What is under test is what this build made; a second build inside it would wait for itself.
    builder.environment().put("MILLRACE_NO_BUILD", "1");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    try {
      return process.waitFor();
    } finally {
      process.destroy();
    }
  }

  /** What it has printed. */
  public String log() {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "no log: " + e;
    }
  }
}
