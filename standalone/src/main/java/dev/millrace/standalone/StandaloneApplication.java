package dev.millrace.standalone;

import dev.millrace.registry.server.lifecycle.AdminKey;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.vertx.http.HttpServer;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * What happens once every part is up and the port is bound: the address is printed and written
 * where the command line finds it. Returns when the process is told to stop.
 */
final class StandaloneApplication implements QuarkusApplication {
  private final HttpServer server;
  private final AdminKey adminKey;
  private final int configuredManagementPort;
  private final String host;
  private final String auth;
  private final Path data;
  private final Optional<Path> readyFile;

  @Inject
  StandaloneApplication(
      HttpServer server,
      AdminKey adminKey,
      @ConfigProperty(name = "quarkus.management.port") int configuredManagementPort,
      @ConfigProperty(name = "quarkus.http.host") String host,
      @ConfigProperty(name = "millrace.gateway.auth") String auth,
      @ConfigProperty(name = "millrace.data") Path data,
      @ConfigProperty(name = "millrace.standalone.ready-file") Optional<Path> readyFile) {
    this.server = server;
    this.adminKey = adminKey;
    this.configuredManagementPort = configuredManagementPort;
    this.host = host;
    this.auth = auth;
    this.data = data;
    this.readyFile = readyFile;
  }

  @Override
  public int run(String... arguments) {
    var connection =
        new ConnectionFile(
            address(server.getPort()),
            address(managementPort()),
            adminKey.path().toString(),
            ProcessHandle.current().pid());
    printAddress(connection);
    Path byPort = ConnectionFile.pathFor(server.getPort());
    try {
      connection.write(byPort);
      if (readyFile.isPresent()) {
        connection.write(readyFile.get());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the connection file " + byPort, e);
    }
    try {
      Quarkus.waitForExit();
    } finally {
      connection.deleteIfOurs(byPort);
    }
    return 0;
  }

  /** The server tells the port only where the system chose it; a configured one it does not. */
  private int managementPort() {
    int bound = server.getManagementPort();
    return bound > 0 ? bound : configuredManagementPort;
  }

  private URI address(int port) {
    String reachable = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
    return URI.create(
        "http://" + (reachable.contains(":") ? "[" + reachable + "]" : reachable) + ":" + port);
  }

  /** For a person at a terminal, so on standard output and not in the log. */
  @SuppressWarnings("SystemOut")
  private void printAddress(ConnectionFile connection) {
    System.out.println("Millrace serves at " + connection.url() + " (HTTP and gRPC)");
    System.out.println("  metrics   " + connection.managementUrl() + "/q/metrics");
    System.out.println("  data      " + data);
    if (auth.equals("none")) {
      System.out.println("  WARNING   started with --no-auth: every caller is an administrator");
    } else {
      System.out.println("  key file  " + adminKey.path());
    }
  }
}
