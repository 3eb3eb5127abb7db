package dev.millrace.gateway.server.follow;

import dev.millrace.gateway.balancing.ReplicaBalancer;
import dev.millrace.gateway.server.config.ClusterOptions;
import dev.millrace.protocol.internal.HttpRegistryLink;
import dev.millrace.protocol.internal.RegistryLink;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.concurrent.ThreadLocalRandom;

/** Beans for plain classes of the rooms that know no framework. */
@Singleton
class PlatformProducer {
  /** The registry over HTTP; another bean of this type replaces it. */
  @Produces
  @Singleton
  @DefaultBean
  RegistryLink registry(ClusterOptions cluster) {
    return new HttpRegistryLink(cluster.registryUrl(), cluster.token());
  }

  @Produces
  @Singleton
  ReplicaBalancer balancer() {
    return new ReplicaBalancer(() -> ThreadLocalRandom.current().nextLong(), System::nanoTime);
  }
}
