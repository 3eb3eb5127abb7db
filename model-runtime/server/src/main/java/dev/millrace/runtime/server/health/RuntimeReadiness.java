package dev.millrace.runtime.server.health;

import dev.millrace.runtime.server.replica.Replicas;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready while the runtime takes calls; it does not wait for any version. */
@Readiness
@ApplicationScoped
public class RuntimeReadiness implements HealthCheck {
  private final Replicas replicas;

  RuntimeReadiness(Replicas replicas) {
    this.replicas = replicas;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("runtime").status(replicas.accepting()).build();
  }
}
