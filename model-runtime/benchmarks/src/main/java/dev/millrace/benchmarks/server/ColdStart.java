package dev.millrace.benchmarks.server;

import dev.millrace.benchmarks.load.ServerProbe;
import dev.millrace.benchmarks.load.Target;
import dev.millrace.benchmarks.wire.ServerAddress;
import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.Workload;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A platform that was told to start a moment ago, on a folder where another one has deployed a
 * model: calls fail until it serves. Closing ends it.
 */
public final class ColdStart implements Contender {
  private final ChildJvm process;
  private final ServerAddress address;
  private final long startedAt;

  private ColdStart(ChildJvm process, ServerAddress address, long startedAt) {
    this.process = process;
    this.address = address;
    this.startedAt = startedAt;
  }

  /**
   * As users start it, with the start-up cache if there is one.
   *
   * @param folder where a platform was started before and has ended
   */
  public static ColdStart byLauncher(Path home, Path folder) throws IOException {
    int port = freePort();
    ServerAddress address = address(folder, port);
    long now = System.nanoTime();
    return new ColdStart(
        ChildJvm.launcher("restarted", home, PlatformServer.serve(folder, port), folder),
        address,
        now);
  }

  /** The same build without the start-up cache. */
  public static ColdStart withoutCache(Path home, Path folder) throws IOException {
    int port = freePort();
    ServerAddress address = address(folder, port);
    var arguments = new ArrayList<>(List.of("-jar", PlatformServer.jarOf(home).toString()));
    arguments.addAll(PlatformServer.serve(folder, port));
    long now = System.nanoTime();
    return new ColdStart(ChildJvm.logging("restarted", arguments, folder), address, now);
  }

  /**
   * Makes the start-up cache of the build under {@code home}, as its user would.
   *
   * @throws IOException when that fails, with what it said
   */
  public static void makeCache(Path home, Path folder) throws IOException, InterruptedException {
    try (var making = ChildJvm.launcher("startup-cache", home, List.of("startup-cache"), folder)) {
      if (making.awaitEnd() != 0) {
        throw new IOException("the start-up cache could not be made" + making.logTail());
      }
    }
  }

  /** Whether the build under {@code home} has a start-up cache that fits it. */
  public static boolean hasCache(Path home) throws IOException {
    Path cache = home.resolve(Path.of("standalone", "target", "startup", "platform.aot"));
    return Files.isRegularFile(cache)
        && Files.getLastModifiedTime(cache)
                .compareTo(Files.getLastModifiedTime(PlatformServer.jarOf(home)))
            > 0;
  }

  /** When its process was made, on the clock of {@link System#nanoTime}. */
  public long startedAt() {
    return startedAt;
  }

  /** Says why when the process has ended. */
  public void expectAlive() throws IOException {
    if (!process.alive()) {
      throw new IOException("the platform ended while it started" + process.logTail());
    }
  }

  private static ServerAddress address(Path folder, int port) throws IOException {
    Path file = PlatformServer.dataIn(folder).resolve("admin.key");
    String host = "127.0.0.1:" + port;
    return new ServerAddress(
        URI.create("http://" + host), host, Files.readString(file, StandardCharsets.UTF_8).strip());
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public Target open(Workload workload, Protocol protocol, int connections) {
    String model = workload.model();
    return Targets.open(
        address, workload.exchanges(protocol, model), workload.path(model), connections, protocol);
  }

  @Override
  public ServerProbe probe() {
    return ServerProbe.of(process.pid());
  }

  @Override
  public void close() {
    process.close();
  }
}
