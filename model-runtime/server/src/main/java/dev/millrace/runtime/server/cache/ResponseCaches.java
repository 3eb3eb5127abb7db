package dev.millrace.runtime.server.cache;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.Profile.Finding;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.Snapshot.Assignment;
import dev.millrace.protocol.internal.Snapshot.EndpointEntry;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.batching.Ticker;
import dev.millrace.runtime.server.config.CacheOptions;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.metrics.CacheMetrics;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The caches of this runtime, one for each endpoint that asks for one, as the snapshot says. A
 * change of the settings keeps what is kept; the memory of all is bounded together. Read by calls
 * from any thread; nothing blocks.
 */
@Singleton
public class ResponseCaches {
  private static final Logger LOG = Logger.getLogger(ResponseCaches.class);

  private final String member;
  private final String hardwareClass;
  private final long totalBytes;
  private final CacheMetrics metrics;
  private final AlarmClock alarms = new AlarmClock();
  private volatile View view = new View(Map.of(), Map.of());

  private record Endpoint(String project, String name) {}

  /**
   * What calls see.
   *
   * @param refused versions whose answers must not be kept
   */
  private record View(
      Map<Endpoint, ResponseCache> caches, Map<VersionKey, CacheUse.Reason> refused) {}

  public ResponseCaches(RuntimeOptions options, CacheOptions bounds, CacheMetrics metrics) {
    this.member = options.member().id();
    this.hardwareClass = options.member().hardwareClass();
    this.totalBytes = bounds.maxBytes();
    this.metrics = metrics;
  }

  /**
   * Whether calls of {@code endpoint} to {@code version} may be answered from a cache.
   *
   * @param endpoint the endpoint that was called
   */
  public CacheUse of(VersionKey version, String endpoint) {
    View now = view;
    if (now.caches.isEmpty()) {
      return CacheUse.OFF;
    }
    ResponseCache cache = now.caches.get(new Endpoint(version.project(), endpoint));
    if (cache == null) {
      return CacheUse.OFF;
    }
    CacheUse.Reason refused = now.refused.get(version);
    return refused == null ? new CacheUse.Active(cache) : new CacheUse.Bypassed(refused, cache);
  }

  /** Takes a new snapshot. What it does not say of this runtime changes nothing. */
  public synchronized void follow(Snapshot snapshot) {
    Optional<Set<VersionKey>> assigned =
        snapshot.assignments().stream()
            .filter(assignment -> assignment.memberId().equals(member))
            .findFirst()
            .map(Assignment::load)
            .map(HashSet::new);
    if (assigned.isPresent()) {
      follow(snapshot, assigned.get());
    }
  }

  private void follow(Snapshot snapshot, Set<VersionKey> assigned) {
    Map<Endpoint, CacheSettings> asked = new HashMap<>();
    Map<VersionKey, CacheUse.Reason> refused = refused(snapshot.versions(), assigned);
    for (EndpointEntry endpoint : snapshot.endpoints()) {
      List<VersionKey> served =
          assigned.stream()
              .filter(version -> version.project().equals(endpoint.project()))
              .filter(version -> version.model().equals(endpoint.model()))
              .toList();
      if (endpoint.serving().cache() != null && !served.isEmpty()) {
        asked.put(
            new Endpoint(endpoint.project(), endpoint.name()),
            CacheSettings.of(endpoint.serving().cache()));
        served.forEach(version -> tell(endpoint, version, refused.get(version)));
      }
    }
    Map<Endpoint, ResponseCache> before = view.caches;
    view = new View(caches(asked, before), refused);
    before.forEach(
        (endpoint, cache) -> {
          if (!asked.containsKey(endpoint)) {
            cache.close();
          }
        });
  }

  private Map<Endpoint, ResponseCache> caches(
      Map<Endpoint, CacheSettings> asked, Map<Endpoint, ResponseCache> before) {
    Map<Endpoint, Long> shares =
        CacheShares.of(
            asked.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, ask -> ask.getValue().maxBytes())),
            totalBytes);
    Map<Endpoint, ResponseCache> caches = new HashMap<>();
    asked.forEach(
        (endpoint, ask) -> {
          var granted =
              new CacheSettings(ask.ttl(), Objects.requireNonNullElse(shares.get(endpoint), 0L));
          ResponseCache cache = before.get(endpoint);
          if (cache == null) {
            cache =
                new ResponseCache(
                    granted,
                    Ticker.system(),
                    alarms,
                    metrics.endpoint(endpoint.project(), endpoint.name()));
          }
          if (cache.change(granted) && granted.maxBytes() < ask.maxBytes()) {
            LOG.warnf(
                "project=%s endpoint=%s: its cache may hold %d of the %d bytes it asks for:"
                    + " millrace.runtime.response-cache-size is %d for all endpoints together",
                endpoint.project(),
                endpoint.name(),
                granted.maxBytes(),
                ask.maxBytes(),
                totalBytes);
          }
          caches.put(endpoint, cache);
        });
    return Map.copyOf(caches);
  }

  private Map<VersionKey, CacheUse.Reason> refused(
      List<VersionEntry> versions, Set<VersionKey> assigned) {
    Map<VersionKey, CacheUse.Reason> refused = new HashMap<>();
    for (VersionEntry version : versions) {
      CacheUse.Reason reason = reason(version.profile(hardwareClass).orElse(null));
      if (reason != null && assigned.contains(version.key())) {
        refused.put(version.key(), reason);
      }
    }
    return Map.copyOf(refused);
  }

  private static CacheUse.@Nullable Reason reason(@Nullable Profile profile) {
    if (profile == null || profile.deterministic() == Finding.UNKNOWN) {
      return CacheUse.Reason.NOT_MEASURED;
    }
    return profile.deterministic() == Finding.NO ? CacheUse.Reason.NOT_DETERMINISTIC : null;
  }

  /** Once for each version and reason: whoever wonders why nothing is cached finds it here. */
  private void tell(EndpointEntry endpoint, VersionKey version, CacheUse.@Nullable Reason reason) {
    var where = new Endpoint(endpoint.project(), endpoint.name());
    boolean known =
        view.caches.containsKey(where) && Objects.equals(view.refused.get(version), reason);
    if (reason == null || known) {
      return;
    }
    switch (reason) {
      case NOT_DETERMINISTIC ->
          LOG.warnf(
              "project=%s endpoint=%s version=%d: serving.cache is set, but its answers are not"
                  + " kept: at admission the same inputs gave different outputs",
              endpoint.project(), endpoint.name(), version.version());
      case NOT_MEASURED ->
          LOG.warnf(
              "project=%s endpoint=%s version=%d: serving.cache is set, but its answers are not"
                  + " kept: nobody has measured on hardware class '%s' whether it is deterministic",
              endpoint.project(), endpoint.name(), version.version(), hardwareClass);
      case SEQUENCE -> {}
    }
  }

  /** A version was unloaded: its answers go. */
  public void drop(VersionKey version) {
    view.caches.values().forEach(cache -> cache.drop(version));
  }

  @PreDestroy
  void stop() {
    alarms.close();
  }
}
