package dev.millrace.e2e.support;

import dev.millrace.protocol.control.ControlJson;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A running platform in one of its two shapes, with the admin key to call it. */
public final class Platform implements AutoCloseable {
  private final URI url;
  private final List<URI> managementUrls;
  private final String key;
  private final List<ServerProcess> processes;

  /** A page of each process. */
  private final List<URI> doors;

  private Platform(
      URI url,
      List<URI> managementUrls,
      String key,
      List<ServerProcess> processes,
      List<URI> doors) {
    this.url = url;
    this.managementUrls = managementUrls;
    this.key = key;
    this.processes = processes;
    this.doors = doors;
  }

  /** One process, on ports that the system chooses, with its data in {@code directory}/data. */
  public static Platform standalone(Path directory) throws IOException {
    return standalone(directory, 0);
  }

  /** Like the other, with the management port given, as its default is. */
  public static Platform standalone(Path directory, int managementPort) throws IOException {
    return standalone(directory, managementPort, Map.of());
  }

  /** Like the other, with settings as system properties. */
  public static Platform standalone(
      Path directory, int managementPort, Map<String, String> settings) throws IOException {
    Path ready = directory.resolve("ready-" + System.nanoTime() + ".json");
    var arguments =
        List.of(
            "serve",
            "--port",
            "0",
            "--management-port",
            Integer.toString(managementPort),
            "--data",
            directory.resolve("data").toString(),
            "--ready-file",
            ready.toString());
    var process = ServerProcess.start("standalone", directory, settings, arguments);
    process.await("serving", () -> Files.exists(ready));
    var connection = ControlJson.lenient().readTree(ready.toFile());
    URI url = URI.create(connection.get("url").asText());
    return new Platform(
        url,
        List.of(URI.create(connection.get("managementUrl").asText())),
        Files.readString(Path.of(connection.get("keyFile").asText())).strip(),
        List.of(process),
        List.of(url.resolve("/v2/health/live")));
  }

  /** Registry, runtime and gateway, each a process of its own. */
  public static Platform threeProcesses(Path directory) throws IOException {
    return threeProcesses(directory, Map.of());
  }

  /** Like the other, with settings that all of them get as system properties. */
  public static Platform threeProcesses(Path directory, Map<String, String> settings)
      throws IOException {
    URI registryUrl = URI.create("http://127.0.0.1:" + ServerProcess.freePort());
    var shared =
        with(
            settings,
            "millrace.cluster.token",
            "e2e-" + System.nanoTime(),
            "millrace.registry.url",
            registryUrl.toString(),
            "quarkus.http.host",
            "127.0.0.1",
            "quarkus.management.host",
            "127.0.0.1");
    int gatewayPort = ServerProcess.freePort();
    int gatewayManagement = ServerProcess.freePort();
    var processes = new ArrayList<ServerProcess>();
    var registry =
        server("registry/server", directory.resolve("registry"), shared, registryUrl.getPort(), 0);
    processes.add(registry);
    var runtimeSettings =
        with(
            shared,
            "millrace.runtime.grpc.host",
            "127.0.0.1",
            "millrace.runtime.grpc.port",
            Integer.toString(ServerProcess.freePort()));
    URI runtimeUrl = URI.create("http://127.0.0.1:" + ServerProcess.freePort());
    int runtimeManagement = ServerProcess.freePort();
    processes.add(
        server(
            "model-runtime/server",
            directory.resolve("runtime"),
            runtimeSettings,
            runtimeUrl.getPort(),
            runtimeManagement));
    var gateway =
        server(
            "gateway/server", directory.resolve("gateway"), shared, gatewayPort, gatewayManagement);
    processes.add(gateway);
    URI url = URI.create("http://127.0.0.1:" + gatewayPort);
    Path keyFile = directory.resolve("registry").resolve("admin.key");
    registry.await("admin key", () -> Files.exists(keyFile));
    gateway.await("ready", () -> ServerProcess.answers(url.resolve("/v2/health/ready")));
    return new Platform(
        url,
        Stream.of(gatewayManagement, runtimeManagement)
            .map(port -> URI.create("http://127.0.0.1:" + port))
            .toList(),
        Files.readString(keyFile).strip(),
        processes,
        Stream.of(registryUrl, runtimeUrl, url)
            .map(door -> door.resolve("/v2/health/live"))
            .toList());
  }

  private static ServerProcess server(
      String module, Path data, Map<String, String> settings, int port, int managementPort)
      throws IOException {
    return ServerProcess.start(
        module,
        data,
        with(
            settings,
            "quarkus.http.port",
            Integer.toString(port),
            "quarkus.management.port",
            Integer.toString(managementPort),
            "millrace.data",
            data.toString()),
        List.of());
  }

  public URI url() {
    return url;
  }

  /** Of the gateway; in one process, of that. */
  public URI managementUrl() {
    return managementUrls.getFirst();
  }

  /** Of all processes that calls go through. */
  public List<URI> managementUrls() {
    return managementUrls;
  }

  /** {@code host:port} for gRPC: the same port as HTTP. */
  public String grpcTarget() {
    return url.getHost() + ":" + url.getPort();
  }

  public String key() {
    return key;
  }

  /** The process of the gateway; in one process, the only one. */
  public ServerProcess gateway() {
    return processes.getLast();
  }

  /** Ends all processes; fails when one of them leaked buffers. */
  @Override
  public void close() {
    if (processes.stream().allMatch(ServerProcess::isAlive)) {
      processes.forEach(ServerProcess::collectGarbage);
      // A leak is told when the next buffers are made.
      for (URI door : doors) {
        for (int i = 0; i < 8; i++) {
          ServerProcess.answers(door);
        }
      }
    }
    processes.forEach(ServerProcess::close);
    processes.forEach(ServerProcess::assertNoLeak);
  }

  private static Map<String, String> with(Map<String, String> shared, String... more) {
    var settings = new java.util.LinkedHashMap<>(shared);
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return settings;
  }
}
