package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.control.Artifact;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.engine.SessionSettings;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a version holds in memory: what its admission measured, times its sessions; where it has no
 * profile, what loading it took here the last time; never less than its model files. Thread-safe.
 */
final class Footprints {
  private final String hardwareClass;
  private final Map<VersionKey, Long> grown = new ConcurrentHashMap<>();

  /**
   * Nothing seen yet.
   *
   * @param hardwareClass whose profiles count
   */
  Footprints(String hardwareClass) {
    this.hardwareClass = hardwareClass;
  }

  /** Bytes, at least 1. */
  long of(VersionEntry version, ServingOptions serving) {
    int sessions = sessions(serving);
    long files =
        version.artifacts().stream()
            .filter(artifact -> isModel(artifact.name()))
            .mapToLong(Artifact::size)
            .sum();
    long measured =
        version
            .profile(hardwareClass)
            .map(Profile::footprint)
            .map(Profile.Footprint::residentBytes)
            .filter(bytes -> bytes > 0)
            .map(bytes -> bytes * sessions)
            .orElseGet(() -> grown.getOrDefault(version.key(), 0L));
    return Math.max(1, Math.max(measured, files * sessions));
  }

  /** Loading made the process grow by so much. */
  void grewBy(VersionKey version, OptionalLong bytes) {
    bytes.ifPresent(grown -> this.grown.put(version, grown));
  }

  /** How many sessions the version is loaded into. */
  static int sessions(ServingOptions serving) {
    int asked = serving.scheduling().instances();
    if (asked > 0) {
      return asked;
    }
    try {
      return SessionSettings.of(serving.engine()).instances();
    } catch (IllegalArgumentException wrongOption) {
      // The load itself fails of it, and says why.
      return 1;
    }
  }

  /** The graph and its external data are loaded; tokenizers and cards hold little or nothing. */
  private static boolean isModel(String file) {
    return !file.endsWith(".json")
        && !file.endsWith(".txt")
        && !file.endsWith(".md")
        && !file.endsWith(".yaml");
  }
}
