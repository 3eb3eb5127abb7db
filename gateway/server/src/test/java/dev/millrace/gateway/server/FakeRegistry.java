package dev.millrace.gateway.server;

import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.AdmissionReport;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.protocol.internal.RepositoryChange;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.Snapshot.Assignment;
import dev.millrace.protocol.internal.Snapshot.EndpointEntry;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.internal.VersionKey;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A registry whose one snapshot points at {@link FakeRuntime}. */
@Singleton
class FakeRegistry implements RegistryLink {
  /** Nothing listens there. */
  private static final String NOWHERE = "127.0.0.1:1";

  /** Another one at each start: what the last start left on disk is replaced. */
  private final String epoch = UUID.randomUUID().toString();

  private final List<RepositoryChange> changes = new ArrayList<>();

  /** The changes that were asked for; the model {@code sleeper} is what they change. */
  synchronized List<RepositoryChange> changes() {
    return List.copyOf(changes);
  }

  @Override
  public synchronized RepositoryChange.Made repository(RepositoryChange change) throws IOException {
    if (change.name().equals("registry-is-down")) {
      throw new IOException("connection refused");
    }
    if (change.name().equals("bad")) {
      throw MillraceException.of(ErrorCode.MODEL_REJECTED, "version 1 of model 'bad' is broken");
    }
    if (change.name().equals("loading")) {
      return new RepositoryChange.Made(0);
    }
    if (!change.name().equals("sleeper")) {
      throw MillraceException.of(ErrorCode.NOT_FOUND, "model '%s' not found", change.name());
    }
    changes.add(change);
    notifyAll();
    return new RepositoryChange.Made(changes.size());
  }

  @PreDestroy
  void stop() {
    FakeRuntime.stop();
  }

  @Override
  public Optional<Snapshot> snapshot(long after, String known, Audience audience, Duration wait)
      throws InterruptedException {
    var snapshot = snapshot();
    if (after >= snapshot.number() && known.equals(snapshot.epoch())) {
      synchronized (this) {
        if (snapshot.number() == 7 + changes.size()) {
          wait(wait.toMillis());
        }
      }
      snapshot = snapshot();
      return after >= snapshot.number() ? Optional.empty() : Optional.of(snapshot);
    }
    return Optional.of(snapshot);
  }

  private synchronized Snapshot snapshot() {
    var runtime = FakeRuntime.instance();
    var echo = new VersionKey("default", "echo", 1);
    var echo2 = new VersionKey("default", "echo", 2);
    var hang = new VersionKey("default", "hang", 1);
    var broken = new VersionKey("default", "broken", 1);
    var flaky = new VersionKey("default", "flaky", 1);
    var gone = new VersionKey("default", "gone", 1);
    var loading = new VersionKey("default", "loading", 1);
    var text = new VersionKey("default", "text", 1);
    var secret = new VersionKey("elsewhere", "secret", 1);
    var sleeper = new VersionKey("default", "sleeper", 1);
    var all = List.of(echo, echo2, hang, broken, flaky, gone, loading, text, secret, sleeper);
    var endpoints = new ArrayList<EndpointEntry>();
    for (var key : List.of(echo, hang, broken, flaky, gone, loading, text, secret)) {
      endpoints.add(
          new EndpointEntry(
              key.project(),
              key.model(),
              key.model(),
              "cpu",
              List.of(new TrafficTarget(1, 100)),
              ServingSpec.DEFAULT,
              Map.of("champion", 1)));
    }
    boolean asleep = !changes.isEmpty() && !changes.getLast().loaded();
    endpoints.add(
        new EndpointEntry(
            "default",
            "sleeper",
            "sleeper",
            "cpu",
            List.of(new TrafficTarget(1, 100)),
            ServingSpec.DEFAULT,
            Map.of(),
            changes.size(),
            asleep));
    var live = List.of(echo, echo2, hang, broken, flaky, text, secret, sleeper);
    var members =
        List.of(
            member("live", runtime.httpAddress(), runtime.grpcAddress(), live),
            member("dead", NOWHERE, NOWHERE, List.of(flaky, gone)));
    var assignments =
        List.of(
            new Assignment(
                "live",
                List.of(echo, echo2, hang, broken, flaky, text, secret, loading, sleeper),
                List.of()),
            new Assignment("dead", List.of(flaky, gone), List.of()));
    return new Snapshot(
        7 + changes.size(),
        epoch,
        endpoints,
        all.stream().map(FakeRegistry::version).toList(),
        members,
        assignments,
        Keys.entries());
  }

  private static MemberReport member(String id, String http, String grpc, List<VersionKey> ready) {
    return new MemberReport(
        id,
        http,
        grpc,
        "cpu",
        "cpu",
        false,
        ready.stream().map(key -> new ReplicaReport(key, ReplicaState.READY, null)).toList());
  }

  private static VersionEntry version(VersionKey key) {
    var task = key.model().equals("text") ? "embedding" : null;
    return new VersionEntry(
        key,
        "sha256:00",
        VersionState.READY,
        new Signature(List.of(), List.of()),
        new ModelManifest(task, null, null, null, null, null, null, null, null),
        List.of());
  }

  @Override
  public void report(MemberReport member) {}

  @Override
  public void leave(String memberId) {}

  @Override
  public void profile(Profile measured) {}

  @Override
  public void admission(AdmissionReport verdict) {}

  @Override
  public InputStream openArtifact(String digest) {
    return InputStream.nullInputStream();
  }
}
