package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.SnapshotFollower;
import dev.millrace.runtime.server.cache.ResponseCaches;
import dev.millrace.runtime.server.config.RuntimeOptions;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The life of the runtime in its process: begins to follow the registry when the application has
 * started; on SIGTERM takes no more calls, leaves the registry and finishes what is in flight.
 */
@ApplicationScoped
public class RuntimeLifecycle {
  private static final Logger LOG = Logger.getLogger(RuntimeLifecycle.class);

  private final RuntimeOptions options;
  private final RegistryLink link;
  private final ReplicaLifecycle replicas;
  private final ResponseCaches caches;
  private final ServedEndpoints endpoints;
  private final AtomicBoolean draining = new AtomicBoolean();
  private volatile @Nullable SnapshotFollower follower;

  RuntimeLifecycle(
      RuntimeOptions options,
      RegistryLink link,
      ReplicaLifecycle replicas,
      ResponseCaches caches,
      ServedEndpoints endpoints) {
    this.caches = caches;
    this.endpoints = endpoints;
    this.options = options;
    this.link = link;
    this.replicas = replicas;
  }

  /** After the gRPC server: the first report names its port. */
  void start(@Observes @Priority(200) StartupEvent event) {
    SnapshotFollower following =
        new SnapshotFollower(
            link,
            RegistryLink.Audience.RUNTIME,
            new FollowerListener(),
            options.cacheDirectory().resolve("runtime-snapshot.json"));
    follower = following;
    replicas.start();
    following.start();
    LOG.infof(
        "runtime %s in pool %s follows the registry",
        options.member().id(), options.member().pool());
  }

  /** The earliest notice of a stop: the servers still answer. */
  void beforeStop(@Observes ShutdownDelayInitiatedEvent event) {
    drain();
  }

  /** Before the gRPC server stops; where no earlier notice came, this one drains. */
  void stop(@Observes @Priority(10) ShutdownEvent event) {
    drain();
  }

  /**
   * Takes no more calls, leaves the registry and waits for the calls in flight, at most as long as
   * {@code millrace.runtime.drain-timeout} says. Blocks; later calls return at once.
   */
  public void drain() {
    if (!draining.compareAndSet(false, true)) {
      return;
    }
    LOG.info("draining: no new calls");
    SnapshotFollower following = follower;
    if (following != null) {
      following.close();
    }
    boolean finished = replicas.drain(options.limits().drainTimeout());
    LOG.infof("drained%s", finished ? "" : " with calls left unfinished");
  }

  private final class FollowerListener implements SnapshotFollower.Listener {
    @Override
    public void onSnapshot(Snapshot snapshot) {
      caches.follow(snapshot);
      endpoints.follow(snapshot);
      replicas.follow(snapshot);
    }

    @Override
    public void onFailure(Exception failure, int failuresInARow) {
      if (failuresInARow == 1) {
        LOG.warnf("the registry is away, serving on with what is known: %s", failure);
      }
    }
  }
}
