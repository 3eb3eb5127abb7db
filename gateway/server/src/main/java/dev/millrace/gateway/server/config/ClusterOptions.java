package dev.millrace.gateway.server.config;

import java.net.URI;
import java.nio.file.Path;

/**
 * What the gateway shares with the platform's other processes.
 *
 * @param data where the process keeps what survives a restart
 * @param registryUrl the registry's address
 * @param token proves that a call comes from a process of the cluster; never logged
 */
public record ClusterOptions(Path data, URI registryUrl, String token) {
  @Override
  public String toString() {
    return "ClusterOptions[data=%s, registryUrl=%s]".formatted(data, registryUrl);
  }
}
