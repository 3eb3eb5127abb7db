package dev.millrace.gateway.routing;

import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.Snapshot.EndpointEntry;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One endpoint, ready to route. Immutable. */
final class EndpointRoutes {
  private static final Duration UNLOADED = Duration.ofSeconds(30);

  private final EndpointEntry entry;
  private final Map<Integer, VersionRoute> versions;
  private final WeightedSplit split;
  private final boolean keepsState;

  EndpointRoutes(EndpointEntry entry, Map<Integer, VersionRoute> versions) {
    this.entry = entry;
    this.versions = versions;
    this.split =
        WeightedSplit.of(entry.traffic(), RequestHash.of(entry.project() + "/" + entry.name()));
    this.keepsState =
        versions.values().stream()
            .anyMatch(version -> !version.entry().manifest().statesOrNone().isEmpty());
  }

  /** Whether a version keeps tensors within sequences of requests. */
  boolean keepsState() {
    return keepsState;
  }

  EndpointEntry entry() {
    return entry;
  }

  /** The version with the most traffic, as far as the table knows it. */
  Optional<VersionRoute> principal() {
    return entry.traffic().stream()
        .filter(target -> target.weight() > 0)
        .max(Comparator.comparingInt(TrafficTarget::weight))
        .map(target -> versions.get(target.version()));
  }

  /** The versions that get traffic and have replicas, the lowest first. */
  List<Route> serving() {
    if (entry.suspended()) {
      return List.of();
    }
    return entry.traffic().stream()
        .filter(target -> target.weight() > 0)
        .map(target -> versions.get(target.version()))
        .filter(version -> version != null && !version.ready().isEmpty())
        .map(version -> new Route(version.entry().key(), entry, version.ready()))
        .sorted(Comparator.comparingInt(route -> route.target().version()))
        .toList();
  }

  /** The versions that the table knows of its model, the lowest first. */
  List<IndexEntry> index() {
    return versions.values().stream()
        .map(version -> version.index(entry.name()))
        .map(
            version ->
                entry.suspended()
                    ? new IndexEntry(
                        version.endpoint(),
                        version.version(),
                        IndexEntry.State.UNAVAILABLE,
                        "unloaded")
                    : version)
        .sorted(Comparator.comparingInt(IndexEntry::version))
        .toList();
  }

  /** Why one of the versions that get traffic takes no calls; empty when all of them do. */
  Optional<MillraceException> obstacle() {
    if (entry.suspended()) {
      return Optional.of(unloaded());
    }
    var wanted = entry.traffic().stream().filter(target -> target.weight() > 0).toList();
    if (wanted.isEmpty()) {
      return Optional.of(nothingServes());
    }
    for (var target : wanted) {
      var version = versions.get(target.version());
      if (version == null) {
        return Optional.of(unknownVersion(String.valueOf(target.version())));
      }
      if (version.ready().isEmpty()) {
        return Optional.of(version.unavailable(entry.name()));
      }
    }
    return Optional.empty();
  }

  /** Whether it is in vain to wait for the versions that get traffic. */
  boolean failed() {
    return entry.traffic().stream()
        .filter(target -> target.weight() > 0)
        .map(target -> versions.get(target.version()))
        .anyMatch(version -> version != null && version.failed());
  }

  Route route(@Nullable String versionOrAlias, long hash) {
    if (entry.suspended()) {
      throw unloaded();
    }
    int version =
        versionOrAlias == null || versionOrAlias.isEmpty()
            ? byTraffic(hash)
            : named(versionOrAlias);
    var found = versions.get(version);
    if (found == null) {
      throw unknownVersion(String.valueOf(version));
    }
    if (found.ready().isEmpty()) {
      throw found.unavailable(entry.name());
    }
    return new Route(found.entry().key(), entry, found.ready());
  }

  private int byTraffic(long hash) {
    return split.choose(hash).orElseThrow(this::nothingServes);
  }

  private int named(String versionOrAlias) {
    if (isDecimal(versionOrAlias)) {
      try {
        return Integer.parseInt(versionOrAlias);
      } catch (NumberFormatException tooLarge) {
        throw unknownVersion(versionOrAlias);
      }
    }
    var aliased = entry.aliases().get(versionOrAlias);
    if (aliased == null) {
      throw unknownVersion(versionOrAlias);
    }
    return aliased;
  }

  private static boolean isDecimal(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private MillraceException unknownVersion(String versionOrAlias) {
    return MillraceException.of(
        ErrorCode.NOT_FOUND,
        "endpoint '%s' has no version or alias '%s'",
        entry.name(),
        versionOrAlias);
  }

  /** Nobody wakes it but somebody who may; a caller that repeats its call asks rarely. */
  private MillraceException unloaded() {
    return MillraceException.of(
            ErrorCode.MODEL_NOT_READY,
            "endpoint '%s' was unloaded; POST /v2/repository/models/%s/load, with a key that may"
                + " deploy, loads it again",
            entry.name(),
            entry.name())
        .withDetail("reason", "unloaded")
        .withRetryAfter(UNLOADED);
  }

  /** No traffic yet: what the newest version waits for says why. */
  private MillraceException nothingServes() {
    var newest =
        versions.values().stream()
            .max(Comparator.comparingInt(route -> route.entry().key().version()));
    if (newest.isEmpty()) {
      return notReady("endpoint '%s' has no version that serves yet");
    }
    if (newest.get().ready().isEmpty() && newest.get().entry().state() != VersionState.READY) {
      return newest.get().unavailable(entry.name());
    }
    return notReady("endpoint '%s' sends no traffic to any version yet");
  }

  private MillraceException notReady(String format) {
    return MillraceException.of(ErrorCode.MODEL_NOT_READY, format, entry.name())
        .withRetryAfter(Duration.ofSeconds(1));
  }
}
