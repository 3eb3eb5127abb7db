package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.oip.Extensions;
import dev.millrace.protocol.oip.ServerMetadata;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What the server says of itself; {@code extensions} lists exactly what works. */
@Singleton
class ServerDescription {
  private final ServerMetadata metadata;

  ServerDescription(
      @ConfigProperty(name = "quarkus.application.version", defaultValue = "dev") String version) {
    this.metadata = new ServerMetadata("millrace", version, Extensions.OFFERED);
  }

  ServerMetadata metadata() {
    return metadata;
  }
}
