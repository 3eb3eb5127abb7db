package dev.millrace.cli;

import dev.millrace.client.ControlClient;
import dev.millrace.client.UploadListener;
import dev.millrace.protocol.control.EndpointDocument;
import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.EndpointStatus;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a deployment through the control API: upload, ask for traffic, wait. Each step can
 * be repeated. For one thread.
 */
public final class Deployment {
  /** Quick enough to look immediate, slow enough to cost nothing. */
  private static final Duration POLL = Duration.ofMillis(200);

  private final ControlClient control;
  private final Progress progress;
  private final String name;

  /** A deployment to the model and endpoint of that name. */
  public Deployment(ControlClient control, Progress progress, String name) {
    this.control = control;
    this.progress = progress;
    this.name = name;
  }

  /**
   * Uploads a file as the next version, or finds the version that has the same content. Asks a
   * small question first, so that a wrong key costs no upload.
   */
  public VersionDocument upload(Path file) {
    endpoint();
    VersionDocument version =
        control.uploadVersion(
            name,
            file,
            (phase, done, total) ->
                progress.bytes(
                    phase == UploadListener.Phase.HASHING ? "hashing  " : "uploading",
                    done,
                    total));
    progress.clear();
    return version;
  }

  /**
   * Asks the endpoint to switch to a version as soon as that is ready and loaded. One that is
   * unloaded is loaded again by that.
   */
  public EndpointDocument switchTo(int version) {
    return change(
        current ->
            new EndpointSpec(
                current.map(EndpointSpec::model).orElse(name),
                version,
                null,
                current.map(EndpointSpec::serving).orElse(null),
                current.map(EndpointSpec::pool).orElse(null)));
  }

  /**
   * Has a version loaded next to what serves, without traffic; it can be called by its number.
   *
   * @return false when nothing serves yet: an endpoint needs a version that takes its traffic, so
   *     nothing is changed and the version is not loaded
   */
  public boolean loadOnly(int version) {
    Optional<EndpointDocument> endpoint = endpoint();
    if (endpoint.isEmpty() || servesNothing(endpoint.get().spec())) {
      return false;
    }
    change(current -> besides(current.orElseThrow(), version));
    return true;
  }

  /**
   * Has the endpoint unloaded, or loaded again; nothing is written when it is so already.
   *
   * @throws MillraceException NOT_FOUND when there is no such endpoint
   */
  public EndpointDocument suspend(boolean suspended) {
    EndpointDocument found = control.endpoint(name);
    return change(current -> current.orElse(found.spec()).withSuspended(suspended));
  }

  /** A version that was uploaded before. */
  public VersionDocument uploaded(int version) {
    return control.version(name, version);
  }

  private static boolean servesNothing(EndpointSpec spec) {
    return spec.version() == null && (spec.traffic() == null || spec.traffic().isEmpty());
  }

  /** The same traffic, and a version with weight 0: loaded, but reached by its number only. */
  private static EndpointSpec besides(EndpointSpec spec, int version) {
    var traffic = new ArrayList<TrafficTarget>();
    Integer only = spec.version();
    List<TrafficTarget> fixed = spec.traffic();
    if (only != null) {
      traffic.add(new TrafficTarget(only, 100));
    } else if (fixed != null) {
      traffic.addAll(fixed);
    }
    if (traffic.stream().noneMatch(target -> target.version() == version)) {
      traffic.add(new TrafficTarget(version, 0));
    }
    return new EndpointSpec(
        spec.model(), null, traffic, spec.serving(), spec.pool(), spec.suspended());
  }

  /** How a spec becomes another. */
  private interface Change {
    EndpointSpec of(Optional<EndpointSpec> current);
  }

  /** Reads, changes, writes; again when somebody else wrote in between. */
  private EndpointDocument change(Change change) {
    for (int attempt = 1; ; attempt++) {
      Optional<EndpointDocument> before = endpoint();
      EndpointSpec wanted = change.of(before.map(EndpointDocument::spec));
      if (before.isPresent() && asksTheSame(before.get().spec(), wanted)) {
        return before.get();
      }
      try {
        return control.putEndpoint(
            name,
            wanted,
            before.isPresent() ? OptionalLong.of(before.get().revision()) : OptionalLong.empty());
      } catch (MillraceException stale) {
        if (stale.code() != ErrorCode.STALE_REVISION || attempt == 3) {
          throw stale;
        }
      }
    }
  }

  private static boolean asksTheSame(EndpointSpec before, EndpointSpec wanted) {
    if (wanted.unloaded() != before.unloaded()) {
      return false;
    }
    return wanted.version() != null
        ? wanted.version().equals(before.version())
        : wanted.traffic() != null && wanted.traffic().equals(before.traffic());
  }

  private Optional<EndpointDocument> endpoint() {
    try {
      return Optional.of(control.endpoint(name));
    } catch (MillraceException missing) {
      if (missing.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw missing;
    }
  }

  /**
   * Waits until the version has passed admission.
   *
   * @throws MillraceException MODEL_REJECTED with the platform's reason; DEADLINE_EXCEEDED when it
   *     takes longer than {@code timeout}
   */
  public VersionDocument awaitReady(int version, Duration timeout) throws InterruptedException {
    return poll(
        timeout,
        () -> {
          VersionDocument now = control.version(name, version);
          refuseRejected(now);
          progress.phase("version " + version + ": validating");
          return now.state() == VersionState.READY ? Optional.of(now) : Optional.empty();
        },
        () -> "version " + version + " is still " + control.version(name, version).state());
  }

  /**
   * Waits for the verdict on a version that is judged again.
   *
   * @throws MillraceException MODEL_REJECTED when it fails, whether or not it stays READY;
   *     DEADLINE_EXCEEDED when it takes longer than {@code timeout}
   */
  public VersionDocument awaitVerdict(int version, Duration timeout) throws InterruptedException {
    VersionDocument judged =
        poll(
            timeout,
            () -> {
              VersionDocument now = awaitsNothing(version);
              progress.phase("version " + version + ": validating");
              return Optional.ofNullable(now);
            },
            () -> "there is no verdict on version " + version);
    if (judged.reason() != null) {
      progress.clear();
      throw MillraceException.of(
          ErrorCode.MODEL_REJECTED,
          "version %d of '%s' failed, and stays ready: %s",
          version,
          name,
          judged.reason());
    }
    return judged;
  }

  private @Nullable VersionDocument awaitsNothing(int version) {
    VersionDocument now = control.version(name, version);
    refuseRejected(now);
    return now.state() == VersionState.READY && !now.validatingAgain() ? now : null;
  }

  private void refuseRejected(VersionDocument now) {
    if (now.state() == VersionState.REJECTED) {
      progress.clear();
      throw MillraceException.of(
          ErrorCode.MODEL_REJECTED,
          "version %d of '%s' was rejected: %s",
          now.version(),
          name,
          now.reason() == null ? "no reason given" : now.reason());
    }
  }

  /**
   * Waits until the endpoint sends its traffic where its spec says and answers calls.
   *
   * @throws MillraceException DEADLINE_EXCEEDED with what it waits for, when it takes too long
   */
  public EndpointStatus awaitServing(Duration timeout) throws InterruptedException {
    return poll(
        timeout,
        () -> {
          EndpointDocument now = control.endpoint(name);
          if (serves(now)) {
            return Optional.of(now.status());
          }
          String waiting = now.status().waitingFor();
          progress.phase("loading: " + (waiting == null ? "waiting for a replica" : waiting));
          return Optional.empty();
        },
        () -> {
          String waiting = control.endpoint(name).status().waitingFor();
          return waiting == null ? "no replica is ready" : waiting;
        });
  }

  private static boolean serves(EndpointDocument endpoint) {
    EndpointStatus status = endpoint.status();
    Integer wanted = endpoint.spec().version();
    boolean arrived =
        wanted == null
            || status.traffic().stream()
                .anyMatch(target -> target.version() == wanted && target.weight() == 100);
    return status.ready() && arrived && status.waitingFor() == null;
  }

  private <T> T poll(Duration timeout, Supplier<Optional<T>> look, Supplier<String> why)
      throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    while (true) {
      Optional<T> found = look.get();
      if (found.isPresent()) {
        return found.get();
      }
      if (System.nanoTime() >= end) {
        progress.clear();
        throw MillraceException.of(
            ErrorCode.DEADLINE_EXCEEDED,
            "'%s' does not serve after %s s: %s",
            name,
            seconds(timeout),
            why.get());
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  /** Without a needless fraction: {@code 300}, {@code 0.3}. */
  private static String seconds(Duration duration) {
    return java.math.BigDecimal.valueOf(duration.toMillis(), 3)
        .stripTrailingZeros()
        .toPlainString();
  }
}
