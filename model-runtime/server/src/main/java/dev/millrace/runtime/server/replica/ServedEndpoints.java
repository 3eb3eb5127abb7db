package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.internal.Snapshot;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which versions the endpoints of the platform send calls to. Thread-safe. */
@Singleton
public class ServedEndpoints {
  private record Name(String project, String endpoint) {}

  private volatile Map<Name, List<Long>> versions = Map.of();

  /** Takes a new snapshot. */
  void follow(Snapshot snapshot) {
    var next = new HashMap<Name, List<Long>>();
    for (var endpoint : snapshot.endpoints()) {
      next.put(
          new Name(endpoint.project(), endpoint.name()),
          endpoint.traffic().stream()
              .map(TrafficTarget::version)
              .map(Integer::longValue)
              .sorted()
              .toList());
    }
    versions = Map.copyOf(next);
  }

  /** The versions of an endpoint, the lowest first; empty for one that nobody knows. */
  public List<Long> versions(String project, String endpoint) {
    return versions.getOrDefault(new Name(project, endpoint), List.of());
  }
}
