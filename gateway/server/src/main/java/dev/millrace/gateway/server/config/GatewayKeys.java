package dev.millrace.gateway.server.config;

import dev.millrace.process.config.ConfigKeys;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The configuration keys of the gateway alone. */
@Singleton
public class GatewayKeys {
  /** All of them. */
  public static ConfigKeys all() {
    return ConfigKeys.of(GatewayConfig.class);
  }

  @Produces
  @Singleton
  ConfigKeys keys() {
    return all();
  }
}
