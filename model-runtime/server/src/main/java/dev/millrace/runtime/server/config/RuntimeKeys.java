package dev.millrace.runtime.server.config;

import dev.millrace.process.config.ConfigKeys;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The configuration keys that the runtime reads. */
@Singleton
public class RuntimeKeys {
  /** All of them. */
  public static ConfigKeys all() {
    return ConfigKeys.of(RuntimeConfig.class)
        .and("millrace.data", "./data")
        .and("millrace.registry.url", "http://localhost:8090")
        .and("millrace.cluster.token", "");
  }

  @Produces
  @Singleton
  ConfigKeys keys() {
    return all();
  }
}
