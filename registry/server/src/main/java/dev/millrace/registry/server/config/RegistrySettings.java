package dev.millrace.registry.server.config;

import dev.millrace.registry.RegistryOptions;
import dev.millrace.registry.bundle.UploadLimits;
import java.nio.file.Path;

/**
 * What the registry's server needs to know.
 *
 * @param data folder of the database, the artifacts and the admin key
 * @param clusterToken proves that a call comes from a process of the cluster; never logged
 * @param printKey whether a first key is printed on standard output
 * @param registry settings of the use cases
 */
public record RegistrySettings(
    Path data, String clusterToken, boolean printKey, RegistryOptions registry) {
  private static final int SHORTEST_TOKEN = 8;

  public RegistrySettings {
    if (clusterToken.strip().length() < SHORTEST_TOKEN) {
      throw new IllegalArgumentException(
          "millrace.cluster.token: missing or too short (expected: the secret of at least 8"
              + " characters that gateways, runtimes and the registry share)");
    }
  }

  static RegistrySettings of(RegistryConfig config, Path data, String clusterToken) {
    return new RegistrySettings(
        data.toAbsolutePath().normalize(),
        clusterToken,
        config.printKey(),
        new RegistryOptions(
            new UploadLimits(config.maxUploadSize().asLongValue(), UploadLimits.DEFAULT.maxFiles()),
            config.memberTtl(),
            config.settle(),
            config.replicas(),
            config.verdictPatience()));
  }

  @Override
  public String toString() {
    return "RegistrySettings[data=%s, registry=%s]".formatted(data, registry);
  }
}
