package dev.millrace.gateway.server.follow;

import dev.millrace.gateway.balancing.ReplicaBalancer;
import dev.millrace.gateway.server.config.ClusterOptions;
import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.SnapshotFollower;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/**
 * Follows the registry from start to stop and holds the current view. With the registry down the
 * last view stays; it also survives a restart, in {@code gateway/snapshot.json} of the data
 * directory.
 */
@Singleton
public class SnapshotLifecycle implements SnapshotFollower.Listener {
  private static final Logger LOG = Logger.getLogger(SnapshotLifecycle.class);

  private final SnapshotFollower follower;
  private final ReplicaBalancer balancer;
  private volatile GatewayView view = GatewayView.NOTHING;

  @Inject
  SnapshotLifecycle(RegistryLink link, ClusterOptions cluster, ReplicaBalancer balancer) {
    this.balancer = balancer;
    this.follower =
        new SnapshotFollower(
            link,
            RegistryLink.Audience.GATEWAY,
            this,
            cluster.data().resolve("gateway").resolve("snapshot.json"));
  }

  /** The current view: read it once a request. */
  public GatewayView view() {
    return view;
  }

  void start(@Observes StartupEvent event) {
    follower.start();
  }

  void stop(@Observes ShutdownEvent event) {
    follower.close();
  }

  @Override
  public void onSnapshot(Snapshot snapshot) {
    view = GatewayView.of(snapshot);
    balancer.retain(view.routes().memberIds());
    LOG.debugf("snapshot %d of epoch %s", snapshot.number(), snapshot.epoch());
  }

  @Override
  public void onFailure(Exception failure, int failuresInARow) {
    if (failuresInARow == 1) {
      LOG.warnf(
          "the registry's snapshot could not be followed, trying on: %s", failure.getMessage());
    }
  }
}
