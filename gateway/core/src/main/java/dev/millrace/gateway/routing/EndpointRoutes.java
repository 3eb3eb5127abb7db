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
    return entry.traffic().stream()
        .filter(target -> target.weight() > 0)
        .map(target -> versions.get(target.version()))
        .filter(version -> version != null && !version.ready().isEmpty())
        .map(version -> new Route(version.entry().key(), entry, version.ready()))
        .sorted(Comparator.comparingInt(route -> route.target().version()))
        .toList();
  }

  Route route(@Nullable String versionOrAlias, long hash) {
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
