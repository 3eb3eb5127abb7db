package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.grpc.ModelConfig;
import dev.millrace.runtime.server.config.RuntimeConfig;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.replica.ServedEndpoints;
import dev.millrace.runtime.server.replica.ServedVersion;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Configurations of versions as the endpoints of this runtime serve them. Thread-safe. */
@Singleton
class ModelConfigs {
  private final CachedInference cached;
  private final ServedEndpoints endpoints;
  private final String hardwareClass;
  private final Duration sequenceIdle;

  ModelConfigs(
      CachedInference cached,
      ServedEndpoints endpoints,
      RuntimeOptions options,
      RuntimeConfig config) {
    this.cached = cached;
    this.endpoints = endpoints;
    this.hardwareClass = options.member().hardwareClass();
    this.sequenceIdle = config.sequences().idleTimeout();
  }

  /**
   * The configuration of a version.
   *
   * @param endpoint the endpoint's name as the caller addressed it
   */
  ModelConfig of(String endpoint, ServedVersion served) {
    var key = served.version().key();
    return ModelDescription.config(
        endpoint,
        served,
        new ModelDescription.Surroundings(
            cached.keeps(key, endpoint),
            endpoints.versions(key.project(), endpoint),
            sequenceIdle,
            served.version().profile(hardwareClass)));
  }
}
