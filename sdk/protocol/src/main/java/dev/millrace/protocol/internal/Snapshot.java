package dev.millrace.protocol.internal;

import dev.millrace.protocol.control.Artifact;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.control.VersionState;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A numbered, immutable view of all endpoints, traffic, keys and assignments, as gateways and
 * runtimes follow it. A higher number replaces a lower one entirely.
 *
 * @param number grows with each change; comparable only within one {@code epoch}
 * @param epoch identifies the registry's database: a follower that sees another epoch starts afresh
 * @param endpoints what clients can call
 * @param versions every version that an endpoint, an assignment or an alias names
 * @param members the runtimes that are alive
 * @param assignments what each runtime should have loaded
 * @param keys credentials; empty in what runtimes receive
 */
public record Snapshot(
    long number,
    String epoch,
    List<EndpointEntry> endpoints,
    List<VersionEntry> versions,
    List<MemberReport> members,
    List<Assignment> assignments,
    List<KeyEntry> keys) {

  /** The view before any registry has been heard: nothing exists. */
  public static final Snapshot EMPTY =
      new Snapshot(0, "", List.of(), List.of(), List.of(), List.of(), List.of());

  public Snapshot {
    endpoints = List.copyOf(endpoints);
    versions = List.copyOf(versions);
    members = List.copyOf(members);
    assignments = List.copyOf(assignments);
    keys = List.copyOf(keys);
  }

  /**
   * An endpoint as the gateway routes it.
   *
   * @param traffic weights in force; empty while nothing serves
   * @param aliases of the endpoint's model: version by alias
   * @param revision of the endpoint that this is; 0 in what an earlier release left on disk
   * @param suspended whether no call is answered, by its owner's wish
   */
  public record EndpointEntry(
      String project,
      String name,
      String model,
      String pool,
      List<TrafficTarget> traffic,
      ServingSpec serving,
      Map<String, Integer> aliases,
      long revision,
      boolean suspended) {

    /** An endpoint that is not suspended. */
    public EndpointEntry(
        String project,
        String name,
        String model,
        String pool,
        List<TrafficTarget> traffic,
        ServingSpec serving,
        Map<String, Integer> aliases) {
      this(project, name, model, pool, traffic, serving, aliases, 0, false);
    }
  }

  /**
   * A version as a runtime loads it.
   *
   * @param profiles what was measured, at most one of each hardware class; possibly empty
   * @param validation which time it was or is judged, from 1
   */
  public record VersionEntry(
      VersionKey key,
      String digest,
      VersionState state,
      Signature signature,
      ModelManifest manifest,
      List<Artifact> artifacts,
      List<Profile> profiles,
      int validation) {

    public VersionEntry {
      validation = Math.max(1, validation);
      // A snapshot that an earlier release left on disk has none.
      profiles = profiles == null ? List.of() : List.copyOf(profiles);
    }

    /** A version that nobody has measured. */
    public VersionEntry(
        VersionKey key,
        String digest,
        VersionState state,
        Signature signature,
        ModelManifest manifest,
        List<Artifact> artifacts) {
      this(key, digest, state, signature, manifest, artifacts, List.of());
    }

    /** A version that was judged once. */
    public VersionEntry(
        VersionKey key,
        String digest,
        VersionState state,
        Signature signature,
        ModelManifest manifest,
        List<Artifact> artifacts,
        List<Profile> profiles) {
      this(key, digest, state, signature, manifest, artifacts, profiles, 1);
    }

    /** What was measured on runtimes of that hardware class. */
    public Optional<Profile> profile(String hardwareClass) {
      return profiles.stream()
          .filter(profile -> profile.hardwareClass().equals(hardwareClass))
          .findFirst();
    }
  }

  /**
   * What one runtime should do.
   *
   * @param load versions to have loaded and serve
   * @param admit versions to load once, measure and report on
   */
  public record Assignment(String memberId, List<VersionKey> load, List<VersionKey> admit) {}

  /**
   * A credential, without its secret.
   *
   * @param id the public part of the key
   * @param salt Base64 of the salt
   * @param hash Base64 of SHA-256 over salt and secret
   * @param roles {@code admin}, {@code deployer}, {@code invoker}, {@code viewer}
   */
  public record KeyEntry(String id, String salt, String hash, String project, List<String> roles) {}
}
