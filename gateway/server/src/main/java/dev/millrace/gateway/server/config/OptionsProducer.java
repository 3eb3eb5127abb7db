package dev.millrace.gateway.server.config;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Turns the configuration into options, once, at start. */
@Singleton
class OptionsProducer {
  @Produces
  @Singleton
  GatewayOptions options(GatewayConfig config) {
    return GatewayOptions.of(config);
  }

  @Produces
  @Singleton
  ClusterOptions cluster(
      @ConfigProperty(name = "millrace.data") Path data,
      @ConfigProperty(name = "millrace.registry.url") URI registryUrl,
      @ConfigProperty(name = "millrace.cluster.token") Optional<String> token) {
    return new ClusterOptions(
        data,
        registryUrl,
        token
            .filter(text -> !text.isBlank())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "millrace.cluster.token: missing (expected: the secret shared by gateways,"
                            + " runtimes and the registry)")));
  }
}
