package dev.millrace.registry.server.config;

import dev.millrace.process.config.ConfigKeys;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The configuration keys of the registry alone. */
@Singleton
public class RegistryKeys {
  /** All of them. */
  public static ConfigKeys all() {
    return ConfigKeys.of(RegistryConfig.class);
  }

  @Produces
  @Singleton
  ConfigKeys keys() {
    return all();
  }
}
