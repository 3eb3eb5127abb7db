package dev.millrace.gateway.server.proxy;

import dev.millrace.gateway.server.config.GatewayOptions;
import dev.millrace.gateway.server.filter.DrainState;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Stops without losing a call: from the moment the process is told to stop, readiness says so and
 * new calls are refused; the ones in flight have the drain time to finish. Runs before everyone
 * else who observes the shutdown, so that replicas in the same process go on working until then.
 */
@Singleton
public class DrainLifecycle {
  private static final Logger LOG = Logger.getLogger(DrainLifecycle.class);
  private static final int FIRST = 1;

  private final DrainState state;
  private final Duration limit;

  @Inject
  DrainLifecycle(DrainState state, GatewayOptions options) {
    this.state = state;
    this.limit = options.drainTimeout();
  }

  /**
   * The earliest notice: the port still accepts, so whoever comes now can be told to go elsewhere.
   */
  void beforeStop(@Observes @Priority(FIRST) ShutdownDelayInitiatedEvent event) {
    drain();
  }

  /** For applications without the earlier notice; after it there is nothing left to wait for. */
  void stop(@Observes @Priority(FIRST) ShutdownEvent event) {
    if (!state.draining()) {
      drain();
    }
  }

  private void drain() {
    state.begin();
    try {
      if (!state.awaitIdle(limit)) {
        LOG.warnf("stopping with %d calls in flight after %s", state.inFlight(), limit);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
