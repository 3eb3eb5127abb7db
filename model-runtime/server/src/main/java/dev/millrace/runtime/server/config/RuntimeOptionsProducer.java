package dev.millrace.runtime.server.config;

import static dev.millrace.runtime.server.config.Expectations.expect;

import io.quarkus.runtime.configuration.MemorySize;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Turns configuration into {@link RuntimeOptions}, once. */
@ApplicationScoped
class RuntimeOptionsProducer {

  @Produces
  @Singleton
  RuntimeOptions options(
      RuntimeConfig config,
      @ConfigProperty(name = "millrace.data") Path data,
      @ConfigProperty(name = "millrace.cluster.token") Optional<String> clusterToken) {
    return new RuntimeOptions(
        new RuntimeOptions.Member(
            config.memberId().orElseGet(RuntimeOptionsProducer::generatedId),
            config.pool(),
            config.hardwareClass(),
            config.advertisedHost(),
            config.reportInterval()),
        new RuntimeOptions.Listen(
            config.routes(),
            config.grpc().host(),
            config.grpc().port(),
            clusterToken.map(String::strip).orElse("")),
        config.cacheDirectory().orElseGet(() -> data.resolve("cache")).toAbsolutePath(),
        new RuntimeOptions.Limits(
            bodyLimit(config), config.drainTimeout(), config.callTimeout(), config.unloadDelay()),
        config.engineThreads().orElseGet(RuntimeOptionsProducer::defaultThreads),
        new BatchingOptions(
            config.batching().maxBatch(),
            config.batching().maxQueue(),
            config.batching().maxDelay()),
        new EngineDefaults(
            config.engineOptions(),
            config.globalThreads().orElse(0),
            config.memoryBudget().map(MemorySize::asLongValue).orElseGet(MemoryLimits::forModels),
            config.idleAfter().orElse(null),
            new EngineDefaults.Disk(
                config.artifactCacheSize().asLongValue(),
                config.optimizedCacheSize().asLongValue())));
  }

  /** Where nobody says: an eighth of the heap, which is there for the requests in flight. */
  @Produces
  @Singleton
  CacheOptions caches(RuntimeConfig config) {
    return new CacheOptions(
        config
            .responseCacheSize()
            .map(MemorySize::asLongValue)
            .orElseGet(() -> Runtime.getRuntime().maxMemory() / 8));
  }

  private static int bodyLimit(RuntimeConfig config) {
    long bytes = config.maxBodySize().asLongValue();
    // Bodies are one array each, so an int must hold their size.
    expect(bytes <= 1L << 30, "max-body-size", bytes, "at most 1 GiB");
    return (int) bytes;
  }

  /** Half the processors: the other half decodes, encodes and moves bytes. */
  private static int defaultThreads() {
    return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
  }

  /** Two runtimes on one host, and two lives of one process number, must differ. */
  private static String generatedId() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException noName) {
      host = "runtime";
    }
    return host.replace('/', '-')
        + "-"
        + ProcessHandle.current().pid()
        + "-"
        + String.format(Locale.ROOT, "%06x", ThreadLocalRandom.current().nextInt(1 << 24));
  }
}
