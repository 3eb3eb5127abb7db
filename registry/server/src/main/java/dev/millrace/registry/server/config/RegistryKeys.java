package dev.millrace.registry.server.config;

import dev.millrace.process.config.ConfigKeys;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The configuration keys that the registry reads or lets pass. */
@Singleton
public class RegistryKeys {
  /** All of them. */
  public static ConfigKeys all() {
    return ConfigKeys.of(RegistryConfig.class)
        // Where the others find the registry: not read here, but one file may serve all processes.
        .and("millrace.registry.url", "http://localhost:8090")
        .and("millrace.data", "./data")
        .and("millrace.cluster.token", "");
  }

  @Produces
  @Singleton
  ConfigKeys keys() {
    return all();
  }
}
