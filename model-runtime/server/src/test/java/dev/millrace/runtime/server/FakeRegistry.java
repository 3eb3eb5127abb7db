package dev.millrace.runtime.server;

import dev.millrace.protocol.control.Artifact;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.internal.AdmissionReport;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.protocol.internal.RepositoryChange;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.Snapshot.Assignment;
import dev.millrace.protocol.internal.Snapshot.EndpointEntry;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.internal.VersionKey;
import jakarta.inject.Singleton;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** A registry in memory that tells one runtime what a test wants of it. */
@Singleton
public class FakeRegistry implements RegistryLink {
  public static final String MEMBER = "runtime-under-test";

  private final String epoch = UUID.randomUUID().toString();
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final Map<VersionKey, VersionEntry> versions = new LinkedHashMap<>();
  private final Map<VersionKey, ServingSpec> loaded = new LinkedHashMap<>();
  private final Map<String, EndpointEntry> others = new LinkedHashMap<>();
  private final List<VersionKey> admitted = new ArrayList<>();
  private final Map<VersionKey, AdmissionReport> verdicts = new ConcurrentHashMap<>();
  private volatile MemberReport lastReport;
  private long number;

  /** Makes a version known; nothing is assigned. */
  public VersionKey version(String model, ModelManifest manifest, Map<String, byte[]> files) {
    return version(model, manifest, files, 0);
  }

  /** The same with what its admission is said to have measured; 0 for nothing. */
  public synchronized VersionKey version(
      String model, ModelManifest manifest, Map<String, byte[]> files, long residentBytes) {
    return version(new VersionKey("default", model, 1), manifest, files, residentBytes);
  }

  /** Makes any version known; nothing is assigned. */
  public VersionKey version(VersionKey key, ModelManifest manifest, Map<String, byte[]> files) {
    return version(key, manifest, files, 0);
  }

  private synchronized VersionKey version(
      VersionKey key, ModelManifest manifest, Map<String, byte[]> files, long residentBytes) {
    List<Artifact> artifacts = new ArrayList<>();
    StringBuilder all = new StringBuilder();
    files.forEach(
        (name, bytes) -> {
          String digest = digest(bytes);
          blobs.put(digest, bytes);
          artifacts.add(new Artifact(name, digest, bytes.length));
          all.append(name).append(digest);
        });
    String digest = digest(all.toString().getBytes(StandardCharsets.UTF_8));
    versions.put(
        key,
        new VersionEntry(
            key,
            digest,
            VersionState.READY,
            new Signature(List.of(), List.of()),
            manifest,
            artifacts,
            List.of(profile(digest, residentBytes))));
    return key;
  }

  /** Makes known what was measured of a version: whether it is deterministic. */
  public synchronized void measured(VersionKey key, Profile.Finding deterministic) {
    VersionEntry before = versions.get(key);
    versions.put(
        key,
        new VersionEntry(
            key,
            before.digest(),
            before.state(),
            before.signature(),
            before.manifest(),
            before.artifacts(),
            List.of(profile(before.digest(), 0, deterministic))));
    changed();
  }

  /** Lets one more endpoint serve a version. */
  public synchronized void endpoint(String name, VersionKey key, ServingSpec serving) {
    others.put(name, entry(name, key, serving));
    changed();
  }

  private static EndpointEntry entry(String name, VersionKey key, ServingSpec serving) {
    return new EndpointEntry(
        key.project(),
        name,
        key.model(),
        "cpu",
        List.of(new TrafficTarget(key.version(), 100)),
        serving,
        Map.of());
  }

  public synchronized VersionEntry entry(VersionKey key) {
    return versions.get(key);
  }

  /** A version with a profile is not measured once more. */
  private static Profile profile(String digest, long residentBytes) {
    return profile(digest, residentBytes, Profile.Finding.UNKNOWN);
  }

  private static Profile profile(String digest, long residentBytes, Profile.Finding deterministic) {
    return new Profile(
        digest,
        "cpu",
        Instant.EPOCH,
        "",
        new Profile.Footprint(0, residentBytes, residentBytes),
        null,
        List.of(),
        Profile.Invariance.unknown("never tried"),
        Profile.Invariance.unknown("never tried"),
        deterministic,
        new Profile.Recommendation(1, 1, 1));
  }

  public synchronized void load(VersionKey key, ServingSpec serving) {
    loaded.put(key, serving);
    changed();
  }

  public synchronized void unload(VersionKey key) {
    loaded.remove(key);
    changed();
  }

  public synchronized void admit(VersionKey key) {
    admitted.add(key);
    changed();
  }

  /** Replaces the content of a digest: a damaged store. */
  public void damage(VersionKey key, String file, byte[] bytes) {
    VersionEntry entry;
    synchronized (this) {
      entry = versions.get(key);
    }
    entry.artifacts().stream()
        .filter(artifact -> artifact.name().equals(file))
        .forEach(artifact -> blobs.put(artifact.digest(), bytes));
  }

  public AdmissionReport verdict(VersionKey key) {
    return verdicts.get(key);
  }

  public MemberReport lastReport() {
    return lastReport;
  }

  /** What the last report says of a version; null when it says nothing. */
  public MemberReport.ReplicaReport reported(VersionKey key) {
    MemberReport report = lastReport;
    return report == null
        ? null
        : report.replicas().stream()
            .filter(replica -> replica.version().equals(key))
            .findFirst()
            .orElse(null);
  }

  private void changed() {
    number++;
    notifyAll();
  }

  @Override
  public synchronized Optional<Snapshot> snapshot(
      long after, String asked, Audience audience, Duration wait) throws InterruptedException {
    long end = System.nanoTime() + wait.toNanos();
    while (asked.equals(epoch) && number <= after) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return Optional.empty();
      }
      wait(left);
    }
    List<EndpointEntry> endpoints = new ArrayList<>();
    loaded.forEach((key, serving) -> endpoints.add(entry(key.model(), key, serving)));
    endpoints.addAll(others.values());
    return Optional.of(
        new Snapshot(
            number,
            epoch,
            endpoints,
            List.copyOf(versions.values()),
            List.of(),
            List.of(new Assignment(MEMBER, List.copyOf(loaded.keySet()), List.copyOf(admitted))),
            List.of()));
  }

  @Override
  public void report(MemberReport member) {
    lastReport = member;
  }

  @Override
  public void leave(String memberId) {
    lastReport = null;
  }

  @Override
  public void profile(Profile measured) {}

  @Override
  public synchronized void admission(AdmissionReport verdict) {
    verdicts.put(verdict.version(), verdict);
    if (admitted.remove(verdict.version())) {
      changed();
    }
  }

  @Override
  public RepositoryChange.Made repository(RepositoryChange change) {
    throw new UnsupportedOperationException("runtimes do not load by name");
  }

  @Override
  public InputStream openArtifact(String digest) throws IOException {
    byte[] bytes = blobs.get(digest);
    if (bytes == null) {
      throw new IOException("no artifact " + digest);
    }
    return new ByteArrayInputStream(bytes);
  }

  private static String digest(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }
}
