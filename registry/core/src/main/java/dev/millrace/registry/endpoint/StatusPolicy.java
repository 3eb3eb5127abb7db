package dev.millrace.registry.endpoint;

import dev.millrace.protocol.control.EndpointStatus;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.registry.placement.Judges;
import dev.millrace.registry.store.EndpointRecord;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What an endpoint does now, and the one sentence that says what it waits for and why. Pure. */
public final class StatusPolicy {
  private StatusPolicy() {}

  /**
   * The status.
   *
   * @param wanted versions of the model that the spec wants, by number
   * @param alive reports of all runtimes that are alive
   * @param judges who was asked for the verdict on a version
   */
  public static EndpointStatus status(
      EndpointRecord endpoint,
      IntFunction<Optional<VersionDocument>> wanted,
      List<MemberReport> alive,
      Function<VersionKey, Optional<Judges.Waiting>> judges) {
    if (endpoint.spec().unloaded()) {
      return new EndpointStatus(List.of(), false, 0, unloaded(endpoint.name()), true, 0);
    }
    var inForce = endpoint.inForce();
    var waitingFor = waitingFor(endpoint, wanted, new Replicas(alive, endpoint.pool()), judges);
    if (inForce == null) {
      return new EndpointStatus(List.of(), false, 0, waitingFor);
    }
    var replicas = new Replicas(alive, inForce.pool());
    int count = 0;
    int asleep = 0;
    boolean ready = true;
    for (var target : inForce.traffic()) {
      if (target.weight() > 0) {
        var key = new VersionKey(endpoint.project(), inForce.model(), target.version());
        count += replicas.ready(key);
        asleep += replicas.asleep(key);
        ready &= replicas.ready(key) > 0;
      }
    }
    return new EndpointStatus(inForce.traffic(), ready, count, waitingFor, false, asleep);
  }

  private static String unloaded(String name) {
    return "it was unloaded; 'millrace endpoints resume %s' or POST /v2/repository/models/%s/load loads it"
        .formatted(name, name);
  }

  private static @Nullable String waitingFor(
      EndpointRecord endpoint,
      IntFunction<Optional<VersionDocument>> wanted,
      Replicas replicas,
      Function<VersionKey, Optional<Judges.Waiting>> judges) {
    return endpoint.wanted().stream()
        .filter(target -> target.weight() > 0 || !endpoint.settled())
        .map(target -> obstacle(endpoint, target, wanted, replicas, judges))
        .filter(Objects::nonNull)
        .findFirst()
        .map(sentence -> sentence + stillServing(endpoint))
        .orElse(null);
  }

  private static @Nullable String obstacle(
      EndpointRecord endpoint,
      TrafficTarget target,
      IntFunction<Optional<VersionDocument>> wanted,
      Replicas replicas,
      Function<VersionKey, Optional<Judges.Waiting>> judges) {
    int number = target.version();
    var version = wanted.apply(number);
    if (version.isEmpty()) {
      return "version %d does not exist".formatted(number);
    }
    var noRuntime =
        "waiting for a runtime: no member of pool '%s' is alive".formatted(endpoint.pool());
    return switch (version.get().state()) {
      case REJECTED -> "version %d was rejected: %s".formatted(number, version.get().reason());
      case UPLOADED ->
          replicas.poolIsEmpty() ? noRuntime : "version %d waits to be validated".formatted(number);
      case VALIDATING ->
          replicas.poolIsEmpty()
              ? noRuntime
              : "version %d is being validated%s"
                  .formatted(
                      number,
                      judges
                          .apply(new VersionKey(endpoint.project(), endpoint.model(), number))
                          .map(StatusPolicy::judge)
                          .orElse(""));
      case READY ->
          replicas.poolIsEmpty()
              ? noRuntime
              : loading(
                  new VersionKey(endpoint.project(), endpoint.model(), number), target, replicas);
    };
  }

  /** Time is only worth a word when it is unusual. */
  private static String judge(Judges.Waiting waiting) {
    var since =
        waiting.since().toSeconds() < 10 ? "" : " since " + waiting.since().toSeconds() + " s";
    var again = waiting.turns() == 1 ? "" : " (asked %d times so far)".formatted(waiting.turns());
    return " by runtime " + waiting.member() + since + again;
  }

  private static @Nullable String loading(VersionKey key, TrafficTarget target, Replicas replicas) {
    if (target.weight() == 0 || replicas.ready(key) > 0) {
      return null;
    }
    var failed = replicas.find(key, ReplicaState.FAILED);
    if (failed.isPresent()) {
      return "version %d failed to load on runtime %s: %s"
          .formatted(key.version(), failed.get().member(), failed.get().replica().reason());
    }
    return replicas
        .find(key, ReplicaState.LOADING)
        .map(it -> "version %d is loading on runtime %s".formatted(key.version(), it.member()))
        .orElseGet(() -> "version %d waits to be loaded".formatted(key.version()));
  }

  private static String stillServing(EndpointRecord endpoint) {
    var inForce = endpoint.inForce();
    if (inForce == null || endpoint.settled()) {
      return "";
    }
    return "; still serving "
        + inForce.traffic().stream()
            .filter(it -> it.weight() > 0)
            .map(it -> Integer.toString(it.version()))
            .collect(Collectors.joining(", "));
  }
}
