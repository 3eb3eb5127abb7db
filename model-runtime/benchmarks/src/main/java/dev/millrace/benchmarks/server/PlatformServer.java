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
  private final Path folder;

  /** Models that were deployed, each with why that failed, or with nothing when it serves. */
  private final Map<String, String> deployed = new HashMap<>();

  private PlatformServer(ChildJvm process, ServerAddress address, Path folder) {
    this.process = process;
    this.address = address;
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
    Path jar = home.resolve(Path.of("standalone", "target", "quarkus-app", "quarkus-run.jar"));
    if (!Files.isRegularFile(jar)) {
      throw new IOException(
          "the platform is not built: " + jar + " is missing (any ./millrace command builds it)");
    }
    Path readyFile = folder.resolve("ready.json");
    ChildJvm process =
        ChildJvm.logging(
            "platform",
            List.of(
                "-jar",
                jar.toString(),
                "serve",
                "--port",
                "0",
                "--management-port",
                "0",
                "--data",
                folder.resolve("data").toString(),
                "--ready-file",
                readyFile.toString()),
            folder);
    try {
      return new PlatformServer(process, awaitReady(process, readyFile), folder);
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  private static ServerAddress awaitReady(ChildJvm process, Path readyFile)
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
    JsonNode ready = ControlJson.lenient().readTree(readyFile.toFile());
    var url = URI.create(ready.path("url").asText());
    Path keyFile = Path.of(ready.path("keyFile").asText());
    String key = Files.readString(keyFile, StandardCharsets.UTF_8).strip();
    return new ServerAddress(url, url.getHost() + ":" + url.getPort(), key);
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
