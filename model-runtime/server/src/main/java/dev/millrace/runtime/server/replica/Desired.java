package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.Snapshot.Assignment;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.internal.VersionKey;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a snapshot wants of one runtime.
 *
 * @param load what to have loaded, and how to serve it
 * @param admit what to judge
 */
record Desired(Map<VersionKey, Wanted> load, List<VersionEntry> admit) {
  /** Nothing wanted yet. */
  static final Desired NOTHING = new Desired(Map.of(), List.of());

  /** One version to have loaded. */
  record Wanted(VersionEntry version, ServingOptions serving) {}

  /** The versions whose files are needed: to load or to judge them. */
  List<VersionEntry> files() {
    return Stream.concat(versions().stream(), admit.stream()).toList();
  }

  /** The versions to have loaded. */
  List<VersionEntry> versions() {
    return load.values().stream().map(Wanted::version).toList();
  }

  /**
   * Reads the part of {@code memberId}; empty when the snapshot does not know that runtime. Then it
   * keeps what it has: a registry that has just started has not heard it yet.
   */
  static Optional<Desired> of(Snapshot snapshot, String memberId, ServingOptions defaults) {
    Map<VersionKey, VersionEntry> versions = new HashMap<>();
    snapshot.versions().forEach(version -> versions.put(version.key(), version));
    return snapshot.assignments().stream()
        .filter(assignment -> assignment.memberId().equals(memberId))
        .findFirst()
        .map(assignment -> of(assignment, versions, snapshot, defaults));
  }

  private static Desired of(
      Assignment assignment,
      Map<VersionKey, VersionEntry> versions,
      Snapshot snapshot,
      ServingOptions defaults) {
    Map<VersionKey, Wanted> load = new LinkedHashMap<>();
    for (VersionKey key : assignment.load()) {
      VersionEntry version = versions.get(key);
      if (version != null) {
        load.put(key, new Wanted(version, ServingOptions.of(snapshot, key, defaults)));
      }
    }
    List<VersionEntry> admit =
        assignment.admit().stream().map(versions::get).filter(Objects::nonNull).toList();
    return new Desired(load, admit);
  }
}
