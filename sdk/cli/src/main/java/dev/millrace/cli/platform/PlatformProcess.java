package dev.millrace.cli.platform;

import dev.millrace.cli.Progress;
import dev.millrace.cli.ServerFile;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The platform in a child JVM, started as {@code ./millrace serve} starts it. It is stopped by
 * SIGTERM, on {@link #close} or when this JVM ends, and drains before it goes.
 */
public final class PlatformProcess implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  /** The platform drains up to half a minute; after that it is stuck. */
  private static final Duration DRAIN = Duration.ofSeconds(45);

  private static final int SHOWN_LOG_LINES = 15;

  private final Process process;
  private final Path log;
  private final Path readyFile;
  private final Thread hook;

  private PlatformProcess(Process process, Path log, Path readyFile) {
    this.process = process;
    this.log = log;
    this.readyFile = readyFile;
    // Ctrl-C reaches the child by itself; this also covers SIGTERM and System.exit.
    this.hook = new Thread(this::terminate, "stop-platform");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * How to start it.
   *
   * @param home the folder of the distribution: {@code standalone/target/quarkus-app} is below it
   * @param jvmArguments before {@code -jar}
   * @param port 0 for any free one
   */
  public record Start(Path home, List<String> jvmArguments, int port, Path data) {
    List<String> command(Path readyFile) {
      var command = new ArrayList<String>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(jvmArguments);
      command.add("-Dmillrace.home=" + home);
      command.add("-jar");
      command.add(jar().toString());
      command.addAll(
          List.of(
              "serve",
              "--port",
              Integer.toString(port),
              "--management-port",
              "0",
              "--data",
              data.toString(),
              "--ready-file",
              readyFile.toString()));
      return command;
    }

    private Path jar() {
      return home.resolve("standalone/target/quarkus-app/quarkus-run.jar");
    }
  }

  /** Starts the child; it is not ready yet. */
  public static PlatformProcess start(Start start) {
    if (!Files.isRegularFile(start.jar())) {
      throw MillraceException.of(
          ErrorCode.NOT_FOUND,
          "'%s' is not built; run ./millrace once without MILLRACE_NO_BUILD",
          start.jar());
    }
    try {
      Files.createDirectories(start.data());
      Path log = start.data().resolve("demo.log");
      Path readyFile = Files.createTempDirectory("millrace-ready").resolve("ready.json");
      var builder =
          new ProcessBuilder(start.command(readyFile))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().putIfAbsent("ORT_DISABLE_TELEMETRY", "1");
      builder.environment().putIfAbsent("OPT_OUT_TRACKING", "true");
      return new PlatformProcess(builder.start(), log, readyFile);
    } catch (IOException failed) {
      throw MillraceException.of(
          ErrorCode.INTERNAL, "the platform cannot be started: %s", failed.getMessage());
    }
  }

  /**
   * Waits until it serves.
   *
   * @return where, and the file with its key
   * @throws MillraceException INTERNAL with the end of its log when it has ended, DEADLINE_EXCEEDED
   *     when it takes too long
   */
  public ServerFile awaitReady(Duration timeout, Progress progress) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    while (System.nanoTime() < end) {
      Optional<ServerFile> ready = ServerFile.read(readyFile);
      if (ready.isPresent()) {
        progress.clear();
        return ready.get();
      }
      if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
        progress.clear();
        throw MillraceException.of(
            ErrorCode.INTERNAL,
            "the platform ended with status %d instead of serving; the end of %s:%n%s",
            process.exitValue(),
            log,
            endOfLog());
      }
      progress.phase("starting the platform");
    }
    progress.clear();
    throw MillraceException.of(
        ErrorCode.DEADLINE_EXCEEDED,
        "the platform is not ready after %d s; its log is %s",
        timeout.toSeconds(),
        log);
  }

  /** Where its output goes. */
  public Path log() {
    return log;
  }

  /** Waits until the child ends by itself. */
  public int waitFor() throws InterruptedException {
    return process.waitFor();
  }

  private String endOfLog() {
    try (Stream<String> lines = Files.lines(log)) {
      List<String> all = lines.toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - SHOWN_LOG_LINES), all.size()));
    } catch (IOException | java.io.UncheckedIOException unreadable) {
      return "(the log cannot be read)";
    }
  }

  /**
   * Stops the child and waits for its end.
   *
   * @return its exit status
   */
  public int stop() {
    terminate();
    return process.exitValue();
  }

  private void terminate() {
    process.destroy();
    try {
      if (!process.waitFor(DRAIN.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Path folder = readyFile.getParent();
    if (folder != null) {
      TemporaryFolders.delete(folder);
    }
  }

  @Override
  public void close() {
    terminate();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException endingAlready) {
      // This JVM is going down; the hook runs or has run.
    }
  }
}
