package dev.millrace.standalone;

import io.quarkus.runtime.Quarkus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code millrace serve}: turns the command line into configuration and runs the platform until it
 * is told to stop. SIGTERM and Ctrl-C drain: what is in flight is answered, nothing new is taken.
 */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Starts the whole platform in this process.",
    footer = {
      "",
      "Examples:",
      "  millrace serve                             on 127.0.0.1:8080",
      "  millrace serve --port 0 --data ./data      on any free port, with its data in ./data",
      "  millrace serve --host 0.0.0.0              reachable from other machines",
      "",
      "The first start prints the admin key once and keeps it in <data>/admin.key (mode 0600).",
      "On this machine the other commands find it by the port."
    })
final class ServeCommand implements Callable<Integer> {
  private static final int FAILURE = 1;

  // picocli sets it before call(); until then a spec of its own keeps the field never null.
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--port",
      defaultValue = "8080",
      paramLabel = "PORT",
      description =
          "HTTP and gRPC, one port for both (default: ${DEFAULT-VALUE}; 0: any free one).")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address to listen on (default: ${DEFAULT-VALUE}).")
  private String host = "127.0.0.1";

  @Option(
      names = "--management-port",
      paramLabel = "PORT",
      description = "Metrics (/q/metrics) and health; default 9000, or any free one with --port 0.")
  private @Nullable Integer managementPort;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Database, artifacts and caches (default: $MILLRACE_DATA, else $XDG_DATA_HOME/millrace).")
  private @Nullable Path data;

  @Option(
      names = "--no-auth",
      description = "Every caller is an administrator. For laptops only; refuses other addresses.")
  private boolean noAuth;

  @Option(names = "--access-log", description = "One line for each call on standard output.")
  private boolean accessLog;

  @Option(
      names = "--ready-file",
      paramLabel = "FILE",
      description = "Write url, ports and key file as JSON to FILE once the platform serves.")
  private @Nullable Path readyFile;

  @Override
  public Integer call() {
    Path dataDirectory =
        (data == null ? defaultDataDirectory() : data).toAbsolutePath().normalize();
    checkArguments(dataDirectory);
    int management = managementPort != null ? managementPort : port == 0 ? 0 : 9000;
    if (!free(port) || !free(management)) {
      return FAILURE;
    }
    System.setProperty("quarkus.http.host", host);
    System.setProperty("quarkus.http.port", Integer.toString(port));
    System.setProperty("quarkus.management.host", host);
    System.setProperty("quarkus.management.port", Integer.toString(management));
    System.setProperty("millrace.data", dataDirectory.toString());
    // Known to nobody: the registry's resources answer only what came through the gateway.
    System.setProperty("millrace.cluster.token", UUID.randomUUID().toString());
    System.setProperty("millrace.gateway.auth", noAuth ? "none" : "keys");
    if (accessLog) {
      // Otherwise the configuration decides: a property would hide an environment variable.
      System.setProperty("millrace.gateway.access-log", "true");
    }
    if (readyFile != null) {
      System.setProperty(
          "millrace.standalone.ready-file", readyFile.toAbsolutePath().normalize().toString());
    }
    var status = new AtomicInteger();
    Quarkus.run(
        StandaloneApplication.class,
        (code, failure) -> {
          status.set(code);
          if (failure != null) {
            printFailure(failure);
            status.set(FAILURE);
          }
        });
    return status.get();
  }

  private void checkArguments(Path dataDirectory) {
    if (noAuth && !isLoopback(host)) {
      throw new ParameterException(
          spec.commandLine(),
          "--no-auth opens the platform to everybody who reaches "
              + host
              + ": use it with a loopback --host only");
    }
    try {
      Files.createDirectories(dataDirectory);
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--data " + dataDirectory + " cannot be created: " + e.getMessage(),
          e);
    }
    if (!Files.isWritable(dataDirectory)) {
      throw new ParameterException(
          spec.commandLine(), "--data " + dataDirectory + " is not writable");
    }
  }

  /** Asked before the platform starts, so that the answer is a sentence and not a stack trace. */
  private boolean free(int wanted) {
    if (wanted == 0) {
      return true;
    }
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), wanted));
      return true;
    } catch (IOException e) {
      String option = wanted == port ? "--port" : "--management-port";
      spec.commandLine()
          .getErr()
          .printf(
              "millrace: cannot listen on %s:%d (%s). Choose another with %s, or %s 0 for any free"
                  + " one.%n",
              host, wanted, e.getMessage(), option, option);
      return false;
    }
  }

  private void printFailure(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    spec.commandLine().getErr().println("millrace: the platform did not start: " + root);
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (IOException e) {
      return false;
    }
  }

  private static Path defaultDataDirectory() {
    String chosen = System.getenv("MILLRACE_DATA");
    if (chosen != null && !chosen.isBlank()) {
      return Path.of(chosen);
    }
    String base = System.getenv("XDG_DATA_HOME");
    return base == null || base.isBlank()
        ? UserHome.path().resolve(Path.of(".local", "share", "millrace"))
        : Path.of(base, "millrace");
  }
}
