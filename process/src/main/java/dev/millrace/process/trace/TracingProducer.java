package dev.millrace.process.trace;

import dev.millrace.process.config.TraceOptions;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** One way to the collector for all parts of a process. */
@Singleton
class TracingProducer {
  private static final Logger LOG = Logger.getLogger(TracingProducer.class);

  /** A bean that is a {@link SpanExporter} takes the place of the collector. */
  @Produces
  @Singleton
  Tracing tracing(
      TraceOptions options,
      @ConfigProperty(name = "quarkus.application.name") String service,
      Instance<SpanExporter> replacement) {
    if (!options.enabled()) {
      return Tracing.off();
    }
    LOG.infof("traces go to %s ratio=%s", options.endpoint(), options.ratio());
    return replacement.isResolvable()
        ? Tracing.to(replacement.get(), options, service, InstantSource.system())
        : Tracing.of(options, service);
  }

  void close(@Disposes Tracing tracing) {
    tracing.close();
  }
}
