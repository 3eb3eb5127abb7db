package dev.millrace.runtime.server.sequence;

import dev.millrace.runtime.server.config.RuntimeConfig;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Makes the table of sequences, publishes its figures and has it swept. */
@ApplicationScoped
class SequenceLifecycle {
  private final SequenceTable table;
  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("millrace-sequences").daemon().factory());

  SequenceLifecycle(RuntimeConfig config, MeterRegistry meters) {
    RuntimeConfig.Sequences options = config.sequences();
    table =
        new SequenceTable(
            new SequenceTable.Limits(
                options.idleTimeout(), options.limit(), options.memory().asLongValue()),
            System::nanoTime);
    Gauge.builder("millrace.sequences.open", table, SequenceTable::size)
        .description("Sequences that are open")
        .register(meters);
    Gauge.builder("millrace.sequences.kept", table, SequenceTable::bytes)
        .baseUnit("bytes")
        .description("What open sequences keep")
        .register(meters);
    FunctionCounter.builder("millrace.sequences.expired", table, SequenceTable::expired)
        .description("Sequences forgotten because no request came")
        .register(meters);
  }

  @Produces
  @Singleton
  SequenceTable table() {
    return table;
  }

  void start(@Observes StartupEvent event) {
    var _ = sweeper.scheduleWithFixedDelay(table::sweep, 1, 1, TimeUnit.SECONDS);
  }

  void stop(@Observes ShutdownEvent event) {
    sweeper.shutdownNow();
  }
}
