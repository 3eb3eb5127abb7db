package dev.millrace.registry.server.config;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Turns the configuration into settings, once, at start. */
@Singleton
class SettingsProducer {
  @Produces
  @Singleton
  RegistrySettings settings(
      RegistryConfig config,
      @ConfigProperty(name = "millrace.data") Path data,
      @ConfigProperty(name = "millrace.cluster.token") Optional<String> token) {
    return RegistrySettings.of(config, data, token.orElse(""));
  }
}
