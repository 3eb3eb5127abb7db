package dev.millrace.gateway.server.health;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** The management port says what the data port says. */
@Readiness
@ApplicationScoped
public class GatewayReadiness implements HealthCheck {
  private final ReadyState state;

  GatewayReadiness(ReadyState state) {
    this.state = state;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("gateway").status(state.ready()).build();
  }
}
