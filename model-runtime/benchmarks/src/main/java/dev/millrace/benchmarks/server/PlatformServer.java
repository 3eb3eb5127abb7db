package dev.millrace.benchmarks.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.benchmarks.load.ServerProbe;
import dev.millrace.benchmarks.load.Target;
import dev.millrace.benchmarks.wire.ServerAddress;
import dev.millrace.benchmarks.workload.ModelWorkload;
import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.Workload;
import dev.millrace.protocol.control.ControlJson;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The built distribution in a child JVM, with keys, metrics and everything else on as users get
 * them, its data in a folder of its own. Models are deployed through the control API on first use.
 */
public final class PlatformServer implements Contender {
  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
  private static final long POLL_MILLIS = 50;

  private final ChildJvm process;
  private final ServerAddress address;
  private final URI management;
  private final Path folder;

  /** Models that were deployed, each with why that failed, or with nothing when it serves. */
  private final Map<String, String> deployed = new HashMap<>();

  private PlatformServer(ChildJvm process, JsonNode ready, Path folder) throws IOException {
    this.process = process;
    this.address = address(ready);
    this.management = URI.create(ready.path("managementUrl").asText());
    this.folder = folder;
  }

  /**
   * Starts the distribution under {@code home} and waits until it serves.
   *
   * @param home root of the repository
   * @param folder for data, logs and model files; the caller deletes it
   * @throws IOException when there is no distribution or it does not come up
   */
  public static PlatformServer start(Path home, Path folder)
      throws IOException, InterruptedException {
    return start(home, folder, List.of());
  }

  /**
   * The same with other JVM arguments, for example configuration keys as system properties.
   *
   * @param folder made when it is missing
   */
  public static PlatformServer start(Path home, Path folder, List<String> jvmArguments)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Path jar = jarOf(home);
    if (!Files.isRegularFile(jar)) {
      throw new IOException(
          "the platform is not built: " + jar + " is missing (any ./millrace command builds it)");
    }
    Path readyFile = folder.resolve("ready.json");
    Files.deleteIfExists(readyFile);
    var arguments = new ArrayList<String>(jvmArguments);
    arguments.addAll(List.of("-jar", jar.toString()));
    arguments.addAll(serve(folder, 0));
    arguments.addAll(List.of("--ready-file", readyFile.toString()));
    ChildJvm process = ChildJvm.logging("platform", arguments, folder);
    try {
      return new PlatformServer(process, awaitReady(process, readyFile), folder);
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  static Path jarOf(Path home) {
    return home.resolve(Path.of("standalone", "target", "quarkus-app", "quarkus-run.jar"));
  }

  /** The platform's own command line, without what starts it. */
  static List<String> serve(Path folder, int port) {
    return List.of(
        "serve",
        "--port",
        Integer.toString(port),
        "--management-port",
        "0",
        "--data",
        dataIn(folder).toString());
  }

  /** Where a platform that was started in {@code folder} keeps what survives a restart. */
  static Path dataIn(Path folder) {
    return folder.resolve("data");
  }

  private static JsonNode awaitReady(ChildJvm process, Path readyFile)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    while (!Files.exists(readyFile)) {
      if (!process.alive()) {
        throw new IOException("the platform ended while it started" + process.logTail());
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("the platform did not start in two minutes" + process.logTail());
      }
      Thread.sleep(POLL_MILLIS);
    }
    return ControlJson.lenient().readTree(readyFile.toFile());
  }

  private static ServerAddress address(JsonNode ready) throws IOException {
    var url = URI.create(ready.path("url").asText());
    Path keyFile = Path.of(ready.path("keyFile").asText());
    String key = Files.readString(keyFile, StandardCharsets.UTF_8).strip();
    return new ServerAddress(url, url.getHost() + ":" + url.getPort(), key);
  }

  /** Where it listens, with its first key. */
  public ServerAddress address() {
    return address;
  }

  /** Where metrics and health are. */
  public URI management() {
    return management;
  }

  /** Its process. */
  public long pid() {
    return process.pid();
  }

  /** Whether its process still runs. */
  public boolean alive() {
    return process.alive();
  }

  /** The last lines of its log, for a message that says why something failed. */
  public String logTail() {
    return process.logTail();
  }

  @Override
  public Target open(Workload workload, Protocol protocol, int connections)
      throws IOException, InterruptedException {
    String model = workload.model();
    if (!deployed.containsKey(model)) {
      deployed.put(model, deploy(workload));
    }
    String failure = deployed.getOrDefault(model, "");
    if (!failure.isEmpty()) {
      throw new IOException(failure);
    }
    return Targets.open(
        address, workload.exchanges(protocol, model), workload.path(model), connections, protocol);
  }

  /** Why the model cannot be served, so that it is waited for only once; nothing when it can. */
  private String deploy(Workload workload) throws InterruptedException {
    if (!(workload instanceof ModelWorkload served)) {
      throw new IllegalArgumentException("workload: " + workload + " (expected: one with a model)");
    }
    try (var deployer = new ModelDeployer(address)) {
      deployer.deploy(served.model(), served.write(folder), served.serving());
      return "";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
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
