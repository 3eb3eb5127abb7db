package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.oip.ServerMetadata;
import jakarta.inject.Singleton;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What the server says of itself; {@code extensions} lists exactly what works. */
@Singleton
class ServerDescription {
  private static final List<String> EXTENSIONS =
      List.of("binary_tensor_data", "model_configuration", "parameters", "schedule_policy");

  private final ServerMetadata metadata;

  ServerDescription(
      @ConfigProperty(name = "quarkus.application.version", defaultValue = "dev") String version) {
    this.metadata = new ServerMetadata("millrace", version, EXTENSIONS);
  }

  ServerMetadata metadata() {
    return metadata;
  }
}
