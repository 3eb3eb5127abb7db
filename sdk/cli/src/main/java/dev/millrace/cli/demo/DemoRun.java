package dev.millrace.cli.demo;

import dev.millrace.cli.DataFolder;
import dev.millrace.cli.ExitCode;
import dev.millrace.cli.ServerFile;
import dev.millrace.cli.Terminal;
import dev.millrace.cli.platform.JvmArguments;
import dev.millrace.cli.platform.PlatformProcess;
import dev.millrace.cli.platform.TemporaryFolders;
import dev.millrace.cli.startup.StartupCache;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The demo from the first line to the last: start, show, stay or stop. */
public final class DemoRun {
  private static final Duration START = Duration.ofMinutes(3);

  /** SIGTERM and SIGINT, as a shell reports a process that ended by them. */
  private static final List<Integer> ENDED_BY_SIGNAL = List.of(0, 130, 143);

  private final Terminal terminal;
  private final int port;

  /**
   * A demo on a port.
   *
   * @param port 0 for any free one
   */
  public DemoRun(Terminal terminal, int port) {
    this.terminal = terminal;
    this.port = port;
  }

  /**
   * Runs the demo and stops the platform again.
   *
   * @return the exit status: 0 only when everything worked and the platform stopped cleanly
   */
  public int once(@Nullable Path data) throws InterruptedException {
    if (data != null) {
      return run(data, true);
    }
    Path temporary;
    try {
      temporary = Files.createTempDirectory("millrace-demo-data");
    } catch (IOException full) {
      throw MillraceException.of(
          ErrorCode.INTERNAL, "no temporary folder can be made: %s", full.getMessage());
    }
    int status = run(temporary, true);
    TemporaryFolders.delete(temporary);
    return status;
  }

  /** Runs the demo and leaves the platform running until Ctrl-C. */
  public int andStay(@Nullable Path data) throws InterruptedException {
    return run(data == null ? DataFolder.ofDemo(terminal) : data, false);
  }

  private int run(Path data, boolean exit) throws InterruptedException {
    requireFree();
    var demo = new Demo(terminal);
    Path folder = data.toAbsolutePath().normalize();
    Path home = Path.of(System.getProperty("millrace.home", "")).toAbsolutePath();
    long start = System.nanoTime();
    try (var platform =
        PlatformProcess.start(new PlatformProcess.Start(home, jvmArguments(home), port, folder))) {
      ServerFile server = platform.awaitReady(START, demo.progress());
      demo.done("platform started at " + server.url() + "  log " + platform.log(), start);
      try {
        demo.run(server, userHome());
      } finally {
        demo.progress().clear();
      }
      return exit ? stop(platform) : stay(platform);
    }
  }

  private int stop(PlatformProcess platform) {
    int status = platform.stop();
    if (ENDED_BY_SIGNAL.contains(status)) {
      terminal.out().println();
      terminal.out().println("The platform has stopped.");
      return ExitCode.OK;
    }
    throw MillraceException.of(
        ErrorCode.INTERNAL,
        "the platform ended with status %d; its log is %s",
        status,
        platform.log());
  }

  private int stay(PlatformProcess platform) throws InterruptedException {
    terminal.out().println();
    terminal.out().println("Running until Ctrl-C.");
    int status = platform.waitFor();
    return ENDED_BY_SIGNAL.contains(status) ? ExitCode.OK : ExitCode.FAILURE;
  }

  /** Asked before anything starts, so that the answer comes at once. */
  private void requireFree() {
    if (port == 0) {
      return;
    }
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException taken) {
      throw MillraceException.of(
          ErrorCode.ALREADY_EXISTS,
          "port %d is taken; choose another with --port, or --port 0 for any free one",
          port);
    }
  }

  private Path userHome() {
    return Path.of(terminal.variable("HOME").orElseGet(() -> System.getProperty("user.home")));
  }

  private static List<String> jvmArguments(Path home) {
    var arguments = new ArrayList<String>(JvmArguments.ofPlatform());
    arguments.addAll(StartupCache.of(home).arguments());
    return arguments;
  }
}
