package dev.millrace.process.config;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The keys that every server process knows. */
@Singleton
public class ProcessKeys {
  /** All of them. */
  public static ConfigKeys all() {
    return ConfigKeys.of(TraceConfig.class)
        .and(ConfigKeys.of(MetricsConfig.class))
        .and("millrace.data", "./data")
        .and("millrace.cluster.token", "")
        // Where the others find the registry, which lets it pass: one file may serve all processes.
        .and("millrace.registry.url", "http://localhost:8090");
  }

  /** The launcher says where the distribution lies; it is not there to be set by hand. */
  @Produces
  @Singleton
  ConfigKeys keys() {
    return all().and("millrace.home", "");
  }

  @Produces
  @Singleton
  TraceOptions traces(TraceConfig config) {
    return TraceOptions.of(config);
  }
}
