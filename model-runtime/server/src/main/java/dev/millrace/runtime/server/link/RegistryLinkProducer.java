package dev.millrace.runtime.server.link;

import dev.millrace.protocol.internal.HttpRegistryLink;
import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.runtime.server.config.RuntimeOptions;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Makes the link over the network; a process that holds the registry brings its own bean. */
@ApplicationScoped
class RegistryLinkProducer {

  @Produces
  @Singleton
  @DefaultBean
  RegistryLink link(
      @ConfigProperty(name = "millrace.registry.url", defaultValue = "http://localhost:8090")
          URI registry,
      RuntimeOptions options) {
    return new HttpRegistryLink(registry, options.listen().clusterToken());
  }
}
