package dev.millrace.e2e.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;

/** One child JVM that runs a built {@code quarkus-run.jar}; its output goes to a log file. */
public final class ServerProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final HttpClient PROBE = PlainHttp.client();

  private final String name;
  private final Process process;
  private final Path log;

  private ServerProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /**
   * Starts a server.
   *
   * @param module folder of the module, for example {@code registry/server}
   * @param settings system properties
   * @param arguments program arguments
   */
  public static ServerProcess start(
      String module, Path workDirectory, Map<String, String> settings, List<String> arguments)
      throws IOException {
    Path jar = repositoryRoot().resolve(module).resolve("target/quarkus-app/quarkus-run.jar");
    assertThat(jar).as("the built distribution; run it with ./millrace test").exists();
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx1g",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dio.netty.leakDetection.level=paranoid",
            "-Dio.netty.leakDetection.targetRecords=16"));
    settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.add("-jar");
    command.add(jar.toString());
    command.addAll(arguments);
    Files.createDirectories(workDirectory);
    String name = module.replace('/', '-');
    Path log = workDirectory.resolve(name + "-" + System.nanoTime() + ".log");
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    builder.environment().put("OPT_OUT_TRACKING", "true");
    builder.environment().put("XDG_CONFIG_HOME", workDirectory.resolve("config").toString());
    return new ServerProcess(name, builder.start(), log);
  }

  /** Waits until {@code ready} holds; fails with the log when the process ends or time runs out. */
  public void await(String what, BooleanSupplier ready) {
    Awaitility.await(name + ": " + what)
        .atMost(START_LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              if (!process.isAlive()) {
                throw new AssertionError(
                    name
                        + " ended with "
                        + process.exitValue()
                        + " before: "
                        + what
                        + "\n"
                        + log());
              }
              return ready.getAsBoolean();
            });
  }

  /** Whether {@code GET uri} answers 200 now. */
  public static boolean answers(URI uri) {
    try {
      var request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(2)).build();
      return PROBE.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** SIGTERM; returns the exit status. */
  public int terminate() throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(name + " stops on SIGTERM").isTrue();
    return process.exitValue();
  }

  /** SIGTERM without waiting. */
  public void signalTermination() {
    process.destroy();
  }

  /** Waits for the end and returns the exit status. */
  public int awaitExit() throws InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(name + " stops").isTrue();
    return process.exitValue();
  }

  /** {@code kill -9}. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Everything the process printed so far. */
  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  /** Has the process collect its garbage: Netty looks for leaked buffers among it. */
  void collectGarbage() {
    var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    try {
      new ProcessBuilder(jcmd, Long.toString(process.pid()), "GC.run")
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor(10, TimeUnit.SECONDS);
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the process. */
  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** Fails when Netty has found a leak in the process. */
  void assertNoLeak() {
    assertThat(log()).as(name + ": leaked buffers").doesNotContain("LEAK: ");
  }

  /** A port that was free a moment ago. */
  public static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** The checkout. */
  public static Path repositoryRoot() {
    return Path.of(System.getProperty("millrace.root", "../..")).toAbsolutePath().normalize();
  }
}
