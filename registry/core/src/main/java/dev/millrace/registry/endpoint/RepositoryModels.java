package dev.millrace.registry.endpoint;

import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.RepositoryChange;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.registry.model.NameRule;
import dev.millrace.registry.store.EndpointRecord;
import dev.millrace.registry.store.ModelStore;
import dev.millrace.registry.version.VersionRule;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The Open Inference Protocol's loading and unloading by name, as writes of endpoints: an unloaded
 * model is a suspended endpoint. Thread-safe, and idempotent.
 */
public final class RepositoryModels {
  private static final int PAGE = 100;
  private static final Duration SOON = Duration.ofSeconds(1);

  private final ModelStore store;
  private final Endpoints endpoints;

  /** Changes {@code endpoints}, and finds the versions of models without one in {@code store}. */
  public RepositoryModels(ModelStore store, Endpoints endpoints) {
    this.store = store;
    this.endpoints = endpoints;
  }

  /** The contract of {@link dev.millrace.protocol.internal.RegistryLink#repository}. */
  public RepositoryChange.Made change(RepositoryChange wanted) {
    var config = wanted.config();
    Endpoints.SpecSource source =
        wanted.loaded()
            ? new Load(wanted, config == null ? ModelConfigPatch.NONE : ModelConfigPatch.of(config))
            : new Unload(wanted.name());
    var write = new Endpoints.Write(null, wanted.by());
    var document = endpoints.change(wanted.project(), wanted.name(), write, "", source);
    return new RepositoryChange.Made(document.revision());
  }

  private record Unload(String name) implements Endpoints.SpecSource {
    @Override
    public EndpointSpec next(Optional<EndpointRecord> current) {
      var spec = current.orElseThrow(() -> Endpoints.missing(name)).spec();
      return spec.unloaded() ? spec : spec.withSuspended(true);
    }

    @Override
    public boolean checksVersions() {
      // None: an endpoint whose version was rejected can be unloaded like any other.
      return true;
    }
  }

  private final class Load implements Endpoints.SpecSource {
    private final RepositoryChange wanted;
    private final ModelConfigPatch patch;

    Load(RepositoryChange wanted, ModelConfigPatch patch) {
      this.wanted = wanted;
      this.patch = patch;
    }

    @Override
    public EndpointSpec next(Optional<EndpointRecord> current) {
      current.filter(it -> it.inForce() == null).ifPresent(RepositoryModels.this::requireHope);
      var before = current.map(EndpointRecord::spec).orElseGet(() -> newest(wanted));
      var loaded = before.unloaded() ? before.withSuspended(false) : before;
      var next = patch.isEmpty() ? loaded : loaded.withServing(patch.applied(loaded.serving()));
      SpecRules.check(next);
      return next;
    }

    @Override
    public boolean checksVersions() {
      return true;
    }
  }

  /** What has never served can only be loaded when none of its versions was rejected. */
  private void requireHope(EndpointRecord endpoint) {
    for (var target : endpoint.wanted()) {
      var key = new VersionKey(endpoint.project(), endpoint.model(), target.version());
      VersionRule.requireNotRejected(store, key);
    }
  }

  /** An endpoint for the newest version that has passed admission. */
  private EndpointSpec newest(RepositoryChange wanted) {
    VersionDocument newest = null;
    boolean pending = false;
    long below = Long.MAX_VALUE;
    List<VersionDocument> page;
    do {
      page = store.versions(wanted.project(), wanted.name(), below, PAGE);
      for (var version : page) {
        if (version.state() == VersionState.READY) {
          return new EndpointSpec(null, version.version(), null, null, null);
        }
        newest = newest == null ? version : newest;
        pending |= version.state() != VersionState.REJECTED;
        below = version.version();
      }
    } while (page.size() == PAGE);
    if (newest == null) {
      throw MillraceException.of(
          ErrorCode.NOT_FOUND, "model '%s' not found", NameRule.quoted(wanted.name()));
    }
    if (pending) {
      throw MillraceException.of(
              ErrorCode.MODEL_NOT_READY,
              "no version of model '%s' has passed admission yet",
              wanted.name())
          .withRetryAfter(SOON);
    }
    throw MillraceException.of(
        ErrorCode.MODEL_REJECTED,
        "version %d of model '%s' was rejected: %s",
        newest.version(),
        wanted.name(),
        newest.reason());
  }
}
