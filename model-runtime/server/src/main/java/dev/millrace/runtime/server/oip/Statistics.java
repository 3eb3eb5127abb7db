package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.grpc.MemoryUsage;
import dev.millrace.protocol.grpc.ModelStatistics;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.server.metrics.RuntimeMetrics;
import dev.millrace.runtime.server.replica.Replicas;
import jakarta.inject.Singleton;

/** What this runtime counted of a version, and what the version holds. Safe from many threads. */
@Singleton
class Statistics {
  private final Replicas replicas;
  private final RuntimeMetrics metrics;

  Statistics(Replicas replicas, RuntimeMetrics metrics) {
    this.replicas = replicas;
    this.metrics = metrics;
  }

  /**
   * The statistics of a version that this runtime serves.
   *
   * @param endpoint the name that they carry
   */
  ModelStatistics of(String endpoint, VersionKey version) {
    replicas.describe(version);
    var statistics =
        metrics
            .statistics(version)
            .read()
            .setName(endpoint)
            .setVersion(Integer.toString(version.version()));
    long bytes = replicas.memoryBytes(version);
    if (bytes > 0) {
      statistics.addMemoryUsage(MemoryUsage.newBuilder().setType("CPU").setByteSize(bytes));
    }
    return statistics.build();
  }
}
