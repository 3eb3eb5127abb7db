package dev.millrace.registry;

import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.internal.AdmissionReport;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.registry.artifact.DirectoryBlobStore;
import dev.millrace.registry.endpoint.Endpoints;
import dev.millrace.registry.model.ModelKey;
import dev.millrace.registry.store.InMemoryModelStore;
import dev.millrace.registry.version.Uploads;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A registry in memory, whose time stands still until it is moved. */
public final class RegistryFixture {
  public static final ModelKey IRIS = new ModelKey("default", "iris");
  public static final VersionKey V1 = new VersionKey("default", "iris", 1);
  public static final VersionKey V2 = new VersionKey("default", "iris", 2);

  public final AtomicLong nanos = new AtomicLong();
  public final InMemoryModelStore store = new InMemoryModelStore();
  public final List<RuntimeException> failures = new ArrayList<>();
  public final Registry registry;
  public final Registry.Started started;

  public RegistryFixture(Path folder) throws IOException {
    var ground =
        new Registry.Ground(
            store,
            new DirectoryBlobStore(folder),
            InstantSource.fixed(Instant.parse("2026-05-01T10:00:00Z")),
            nanos::get,
            failures::add);
    registry = new Registry(ground, RegistryOptions.DEFAULT);
    started = registry.start(key -> {});
  }

  /** Uploads a model of {@code outputs} outputs: another number gives another version. */
  public Uploads.Uploaded upload(int outputs) throws IOException {
    return registry
        .uploads()
        .upload(IRIS, new ByteArrayInputStream(TinyModels.linear(4, outputs)), null);
  }

  public void put(EndpointSpec spec) {
    registry.endpoints().put("default", "iris", spec, new Endpoints.Write(null, "tester"));
  }

  public static EndpointSpec serves(int version) {
    return new EndpointSpec(null, version, null, null, null);
  }

  public static EndpointSpec weights(TrafficTarget... targets) {
    return new EndpointSpec(null, null, List.of(targets), null, null);
  }

  /** A report of a member of pool cpu that has {@code ready} loaded. */
  public void reports(String id, VersionKey... ready) {
    registry.report(member(id, "cpu", ReplicaState.READY, ready));
  }

  public static MemberReport member(
      String id, String pool, ReplicaState state, VersionKey... versions) {
    return new MemberReport(
        id,
        id + ":8080",
        id + ":8081",
        pool,
        "cpu",
        false,
        Arrays.stream(versions)
            .map(
                it ->
                    new ReplicaReport(
                        it, state, state == ReplicaState.FAILED ? "out of memory" : null))
            .toList());
  }

  public void admits(VersionKey version) {
    registry.admission(new AdmissionReport(version, true, null, null, 5));
  }

  public void rejects(VersionKey version, String reason) {
    registry.admission(new AdmissionReport(version, false, reason, null, 5));
  }

  public Snapshot snapshot() {
    return registry.snapshots().current().orElseThrow();
  }

  public List<TrafficTarget> traffic() {
    return registry.endpoints().get("default", "iris").status().traffic();
  }

  public String waitingFor() {
    return registry.endpoints().get("default", "iris").status().waitingFor();
  }

  public Snapshot.Assignment assignment(String member) {
    return snapshot().assignments().stream()
        .filter(it -> it.memberId().equals(member))
        .findFirst()
        .orElseThrow();
  }
}
