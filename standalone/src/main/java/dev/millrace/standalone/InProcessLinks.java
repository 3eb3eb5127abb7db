package dev.millrace.standalone;

import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.registry.server.internal.LocalRegistryLink;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The registry is in this process: gateway and runtime reach it by a call, not over HTTP. */
@ApplicationScoped
final class InProcessLinks {
  /** Replaces the default links over HTTP of both servers. */
  @Produces
  @Singleton
  RegistryLink registryLink(LocalRegistryLink local) {
    return local;
  }
}
