package dev.millrace.registry.server.lifecycle;

import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.registry.Registry;
import dev.millrace.registry.version.Uploads;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** What the registry counts. Thread-safe. */
@Singleton
public class RegistryMetrics {
  private final MeterRegistry meters;
  private final Registry registry;
  private final Counter bytes;

  /** Counts into {@code meters}. */
  @Inject
  public RegistryMetrics(MeterRegistry meters, Registry registry) {
    this.meters = meters;
    this.registry = registry;
    this.bytes =
        Counter.builder("millrace.registry.upload.bytes")
            .description("Bytes of the files of all uploads that were taken")
            .register(meters);
  }

  void start(@Observes StartupEvent event) {
    Gauge.builder("millrace.registry.snapshot.number", registry, RegistryMetrics::snapshotNumber)
        .description("Number of the newest snapshot")
        .register(meters);
    Gauge.builder("millrace.registry.members", registry, it -> it.members().alive().size())
        .description("Runtimes that are alive")
        .register(meters);
  }

  /** Counts an upload that was taken. */
  public void uploaded(Uploads.Uploaded upload) {
    meters
        .counter("millrace.registry.uploads", "created", Boolean.toString(upload.created()))
        .increment();
    bytes.increment(upload.bytes());
  }

  private static double snapshotNumber(Registry registry) {
    return registry.snapshots().current().map(Snapshot::number).orElse(0L);
  }
}
