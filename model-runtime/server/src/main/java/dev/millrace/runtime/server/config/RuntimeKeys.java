package dev.millrace.runtime.server.config;

import dev.millrace.process.config.ConfigKeys;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The configuration keys of the runtime alone. */
@Singleton
public class RuntimeKeys {
  /** All of them. */
  public static ConfigKeys all() {
    return ConfigKeys.of(RuntimeConfig.class);
  }

  @Produces
  @Singleton
  ConfigKeys keys() {
    return all();
  }
}
