package dev.millrace.runtime.server.admission;

import com.sun.management.OperatingSystemMXBean;
import dev.millrace.runtime.server.config.RuntimeConfig;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.lang.management.ManagementFactory;

/** Turns configuration into {@link AdmissionOptions}, once. */
@ApplicationScoped
class AdmissionOptionsProducer {
  private static final long USUAL_MEMORY = 4L << 30;

  @Produces
  @Singleton
  AdmissionOptions options(RuntimeConfig config) {
    var admission = config.admission();
    return new AdmissionOptions(
        admission.mode(),
        admission.timeout(),
        admission
            .memory()
            .map(MemorySize::asLongValue)
            .orElseGet(AdmissionOptionsProducer::halfOfTheMachine),
        admission.profileTime());
  }

  /** The other half is for what serves. Of a container, its own memory counts. */
  private static long halfOfTheMachine() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? Math.max(512L << 20, system.getTotalMemorySize() / 2)
        : USUAL_MEMORY;
  }
}
