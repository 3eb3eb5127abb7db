package dev.millrace.cli.doctor;

import dev.millrace.cli.Target;
import dev.millrace.client.ClientOptions;
import dev.millrace.client.Millrace;
import dev.millrace.client.Transport;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks at the platform: reachable, ready, the key, gRPC on the same port, the clock. */
public final class ServerChecks {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Tokens and signed links tolerate about this much. */
  private static final Duration SKEW = Duration.ofSeconds(60);

  private final Target target;

  /** Checks of that server. */
  public ServerChecks(Target target) {
    this.target = target;
  }

  /** Runs the checks in order; the later ones only when the server answers. */
  public List<Finding> run() {
    var findings = new ArrayList<Finding>();
    try (Millrace http = connect(Transport.HTTP_JSON)) {
      if (!reachable(http, findings)) {
        return findings;
      }
      key(http, findings);
    } catch (MillraceException malformed) {
      findings.add(
          Finding.fail("server", malformed.message(), "Say where it runs with --url or --port."));
      return findings;
    }
    grpc(findings);
    clock(findings);
    return findings;
  }

  private Millrace connect(Transport transport) {
    return Millrace.connect(
        target.url(),
        target.credentials(),
        ClientOptions.DEFAULT
            .withTransport(transport)
            .withConnectTimeout(PATIENCE)
            .withTimeout(PATIENCE));
  }

  private boolean reachable(Millrace http, List<Finding> findings) {
    try {
      findings.add(
          http.ready()
              ? Finding.ok("server", target.url() + " answers and is ready")
              : Finding.warn(
                  "server",
                  target.url() + " answers, but is not ready",
                  "It may still be starting, or draining; look at its log."));
      return true;
    } catch (MillraceException failure) {
      findings.add(
          Finding.fail(
              "server",
              failure.message(),
              "Start a platform with './millrace serve', or say where one runs with --url or"
                  + " --port."));
      return false;
    }
  }

  private void key(Millrace http, List<Finding> findings) {
    try {
      int models = http.control().models().size();
      findings.add(
          Finding.ok("key", target.origin() + " is accepted; " + models + " models to be seen"));
    } catch (MillraceException failure) {
      findings.add(
          Finding.fail(
              "key",
              target.origin() + ": " + failure.message(),
              failure.code() == ErrorCode.UNAUTHENTICATED
                  ? "Give a key with --key or MILLRACE_API_KEY; the first one is in"
                      + " <data>/admin.key where the platform runs."
                  : "Use a key that may read models."));
    }
  }

  private void grpc(List<Finding> findings) {
    try (Millrace millrace = connect(Transport.GRPC)) {
      String name = millrace.server().name();
      findings.add(Finding.ok("grpc", "'" + name + "' answers gRPC on the same port"));
    } catch (MillraceException failure) {
      boolean denied =
          failure.code() == ErrorCode.UNAUTHENTICATED
              || failure.code() == ErrorCode.PERMISSION_DENIED;
      findings.add(
          denied
              ? Finding.ok("grpc", "answers on the same port")
              : Finding.fail(
                  "grpc",
                  failure.message(),
                  "A proxy in between may not pass HTTP/2; '--protocol http' works without."));
    }
  }

  private void clock(List<Finding> findings) {
    Optional<Instant> server = serverTime();
    if (server.isEmpty()) {
      return;
    }
    Duration apart = Duration.between(server.get(), Instant.now()).abs();
    findings.add(
        apart.compareTo(SKEW) <= 0
            ? Finding.ok("clock", "agrees with the server's within " + SKEW.toSeconds() + " s")
            : Finding.warn(
                "clock",
                "is " + apart.toSeconds() + " s apart from the server's",
                "Set the time on both machines by NTP."));
  }

  /** The server's {@code Date} header, if it sends one. */
  private Optional<Instant> serverTime() {
    // Without the upgrade to HTTP/2 that the JDK's client asks for by default.
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(target.url() + "/v2/health/live"))
              .timeout(PATIENCE)
              .build();
      return client
          .send(request, HttpResponse.BodyHandlers.discarding())
          .headers()
          .firstValue("date")
          .map(date -> ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (IOException | IllegalArgumentException | DateTimeParseException unknown) {
      return Optional.empty();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
