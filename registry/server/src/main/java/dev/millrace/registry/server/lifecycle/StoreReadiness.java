package dev.millrace.registry.server.lifecycle;

import dev.millrace.registry.store.ModelStore;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready while the database answers. */
@Readiness
@Singleton
class StoreReadiness implements HealthCheck {
  private final ModelStore store;

  @Inject
  StoreReadiness(ModelStore store) {
    this.store = store;
  }

  @Override
  public HealthCheckResponse call() {
    var answer = HealthCheckResponse.named("registry database");
    try {
      return answer.up().withData("snapshot", store.feed().number()).build();
    } catch (RuntimeException unreachable) {
      return answer.down().withData("reason", String.valueOf(unreachable.getMessage())).build();
    }
  }
}
