package dev.millrace.registry.server.lifecycle;

import dev.millrace.registry.Registry;
import dev.millrace.registry.artifact.DirectoryBlobStore;
import dev.millrace.registry.server.config.RegistrySettings;
import dev.millrace.registry.store.Change;
import dev.millrace.registry.store.ModelStore;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Makes the registry, starts it before anything asks it, ticks it, and stops it. */
@Singleton
class RegistryLifecycle {
  private static final Logger LOG = Logger.getLogger(RegistryLifecycle.class);

  private final Registry registry;
  private final RegistrySettings settings;
  private final AdminKey adminKey;
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("millrace-registry-tick").factory());

  @Inject
  RegistryLifecycle(RegistrySettings settings, ModelStore store, AdminKey adminKey)
      throws IOException {
    this.settings = settings;
    this.adminKey = adminKey;
    this.registry =
        new Registry(
            new Registry.Ground(
                store,
                new DirectoryBlobStore(settings.data().resolve("blobs")),
                InstantSource.system(),
                System::nanoTime,
                failure -> LOG.warn("a round of reconciling failed and will be repeated", failure)),
            settings.registry());
    registry.journal().observe(RegistryLifecycle::log);
  }

  @Produces
  @Singleton
  Registry registry() {
    return registry;
  }

  /** Early, so that what starts later in the same process finds a registry that answers. */
  void start(@Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) StartupEvent event)
      throws IOException {
    var started = registry.start(adminKey::keep);
    LOG.infof(
        "registry started data=%s members=0 sweptFiles=%d", settings.data(), started.sweptFiles());
    started.firstKey().ifPresent(this::printKey);
    // Its future never completes: a tick that fails is logged by itself.
    var _ = ticker.scheduleWithFixedDelay(this::tick, 1, 1, TimeUnit.SECONDS);
  }

  /** Before the server counts the calls it waits for: event streams do not end by themselves. */
  void beforeStop(@Observes ShutdownDelayInitiatedEvent event) {
    registry.close();
  }

  void stop(@Observes ShutdownEvent event) {
    ticker.shutdownNow();
    registry.close();
  }

  private void tick() {
    try {
      registry.tick().forEach(id -> LOG.infof("member gone member=%s", id));
    } catch (RuntimeException failure) {
      LOG.warn("the registry's tick failed and will be repeated", failure);
    }
  }

  private static void log(Change.NewEvent event) {
    LOG.infof(
        "%s project=%s subject=%s: %s",
        event.type(), event.project(), event.subject(), event.message());
  }

  /** For a person at a terminal, so on standard output and not in the log. */
  @SuppressWarnings("SystemOut")
  private void printKey(String key) {
    if (settings.printKey()) {
      System.out.println("Admin key, printed this once and kept in " + adminKey.path() + ":");
      System.out.println("  " + key);
    }
  }
}
