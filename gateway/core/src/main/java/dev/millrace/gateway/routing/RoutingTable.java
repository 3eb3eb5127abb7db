package dev.millrace.gateway.routing;

import dev.millrace.protocol.control.TextSignature;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaReport;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.Snapshot.EndpointEntry;
import dev.millrace.protocol.internal.VersionKey;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot, indexed for routing: one hash lookup by (project, endpoint), one by version or alias.
 *
 * <p>Immutable and safe from any thread; a follower replaces it as a whole through a volatile
 * reference. Building is linear in the snapshot.
 */
public final class RoutingTable {
  /** Knows nothing. */
  public static final RoutingTable EMPTY = RoutingTable.of(Snapshot.EMPTY);

  private record EndpointName(String project, String name) {}

  private final Snapshot snapshot;
  private final Map<EndpointName, EndpointRoutes> endpoints;

  private RoutingTable(Snapshot snapshot, Map<EndpointName, EndpointRoutes> endpoints) {
    this.snapshot = snapshot;
    this.endpoints = endpoints;
  }

  /** The table of {@code snapshot}. */
  public static RoutingTable of(Snapshot snapshot) {
    var versions = versionsByModel(snapshot);
    var endpoints = HashMap.<EndpointName, EndpointRoutes>newHashMap(snapshot.endpoints().size());
    for (var entry : snapshot.endpoints()) {
      var model = new ModelName(entry.project(), entry.model());
      endpoints.put(
          new EndpointName(entry.project(), entry.name()),
          new EndpointRoutes(entry, versions.getOrDefault(model, Map.of())));
    }
    return new RoutingTable(snapshot, endpoints);
  }

  /** What the table was built from. */
  public Snapshot snapshot() {
    return snapshot;
  }

  /**
   * Chooses the version and the replicas of a call.
   *
   * @param versionOrAlias a decimal version or an alias; null or empty to follow the traffic
   * @param requestHash {@link RequestHash} of the sticky key or the request id
   * @throws MillraceException NOT_FOUND for an endpoint or version that the project does not have;
   *     MODEL_NOT_READY, with a reason and a pause, while no replica takes calls; MODEL_REJECTED
   *     when the version did not pass admission
   */
  public Route resolve(
      String project, String endpoint, @Nullable String versionOrAlias, long requestHash) {
    var routes = endpoints.get(new EndpointName(project, endpoint));
    if (routes == null) {
      throw unknown(endpoint);
    }
    return routes.route(versionOrAlias, requestHash);
  }

  /** The same words whether another project has the name or nobody has. */
  private static MillraceException unknown(String endpoint) {
    return MillraceException.of(ErrorCode.NOT_FOUND, "model '%s' not found", endpoint);
  }

  /** The endpoint of that name, or null. */
  public @Nullable EndpointEntry endpoint(String project, String name) {
    var routes = endpoints.get(new EndpointName(project, name));
    return routes == null ? null : routes.entry();
  }

  /** Whether a version of that endpoint keeps tensors within sequences of requests. */
  public boolean keepsState(String project, String endpoint) {
    var routes = endpoints.get(new EndpointName(project, endpoint));
    return routes != null && routes.keepsState();
  }

  /** Names of the project's endpoints whose principal version serves a text task, in order. */
  public List<String> textEndpoints(String project) {
    return endpoints.entrySet().stream()
        .filter(named -> named.getKey().project().equals(project))
        .filter(named -> named.getValue().principal().map(RoutingTable::isText).orElse(false))
        .map(named -> named.getKey().name())
        .sorted()
        .toList();
  }

  /**
   * The versions of endpoints that answer now, each with its replicas.
   *
   * @param endpoint null for all of the project
   * @param versionOrAlias null for all that get traffic; one of an endpoint otherwise
   * @throws MillraceException as {@link #resolve}, where the endpoint is named
   */
  public List<Route> serving(
      String project, @Nullable String endpoint, @Nullable String versionOrAlias) {
    if (endpoint != null && versionOrAlias != null && !versionOrAlias.isEmpty()) {
      return List.of(resolve(project, endpoint, versionOrAlias, 0));
    }
    if (endpoint != null && endpoint(project, endpoint) == null) {
      return List.of(resolve(project, endpoint, null, 0));
    }
    return endpoints.entrySet().stream()
        .filter(named -> named.getKey().project().equals(project))
        .filter(named -> endpoint == null || named.getKey().name().equals(endpoint))
        .sorted(Comparator.comparing(named -> named.getKey().name()))
        .flatMap(named -> named.getValue().serving().stream())
        .toList();
  }

  /**
   * The versions of the project's endpoints, by name and number, up to {@link
   * RepositoryIndex#MOST_ENTRIES} of them.
   *
   * @param onlyReady whether those that cannot be called are left out
   */
  public RepositoryIndex index(String project, boolean onlyReady) {
    var all =
        endpoints.entrySet().stream()
            .filter(named -> named.getKey().project().equals(project))
            .sorted(Comparator.comparing(named -> named.getKey().name()))
            .flatMap(named -> named.getValue().index().stream())
            .filter(entry -> entry.ready() || !onlyReady)
            .toList();
    int shown = Math.min(all.size(), RepositoryIndex.MOST_ENTRIES);
    return new RepositoryIndex(all.subList(0, shown), all.size() - shown);
  }

  /**
   * Why an endpoint does not take calls with all of the versions that get traffic, as the failure
   * to answer with; empty when it does.
   */
  public Optional<MillraceException> obstacle(String project, String endpoint) {
    var routes = endpoints.get(new EndpointName(project, endpoint));
    return routes == null ? Optional.of(unknown(endpoint)) : routes.obstacle();
  }

  /** Whether one of its versions failed to load, so that waiting for it is in vain. */
  public boolean failed(String project, String endpoint) {
    var routes = endpoints.get(new EndpointName(project, endpoint));
    return routes != null && routes.failed();
  }

  /** Ids of the runtimes that are alive. */
  public Set<String> memberIds() {
    return snapshot.members().stream()
        .map(MemberReport::id)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static boolean isText(VersionRoute route) {
    return TextSignature.isText(route.entry().manifest());
  }

  private record ModelName(String project, String model) {}

  private static Map<ModelName, Map<Integer, VersionRoute>> versionsByModel(Snapshot snapshot) {
    var collectors = new HashMap<VersionKey, VersionRoute.Collector>();
    for (var version : snapshot.versions()) {
      collectors.put(version.key(), new VersionRoute.Collector(version));
    }
    var members =
        snapshot.members().stream()
            .collect(
                Collectors.toMap(MemberReport::id, member -> member, (first, second) -> second));
    for (var assignment : snapshot.assignments()) {
      var member = members.get(assignment.memberId());
      if (member != null) {
        collect(member, assignment.load(), collectors);
      }
    }
    var models = new HashMap<ModelName, Map<Integer, VersionRoute>>();
    collectors.forEach(
        (key, collector) ->
            models
                .computeIfAbsent(new ModelName(key.project(), key.model()), name -> new TreeMap<>())
                .put(key.version(), collector.build()));
    return models;
  }

  private static void collect(
      MemberReport member,
      List<VersionKey> load,
      Map<VersionKey, VersionRoute.Collector> collectors) {
    var replica = new Replica(member.id(), member.httpAddress(), member.grpcAddress());
    var reports = new HashMap<VersionKey, ReplicaReport>();
    member.replicas().forEach(report -> reports.put(report.version(), report));
    for (var key : load) {
      var collector = collectors.get(key);
      if (collector != null) {
        var report = reports.get(key);
        collector.assigned(
            replica,
            member.draining(),
            report == null ? null : report.state(),
            report == null ? null : report.reason());
      }
    }
  }
}
