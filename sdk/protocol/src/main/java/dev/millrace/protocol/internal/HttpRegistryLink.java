package dev.millrace.protocol.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.error.ErrorJson;
import dev.millrace.protocol.http.MillraceHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * The registry over HTTP ({@code /internal/v1}), for gateways and runtimes in a cluster.
 *
 * <p>Thread-safe; connections are pooled and reused. Every call has a time limit: 10 s, on top of
 * the asked-for wait for snapshots; an artifact's limit covers the time to its first byte. It does
 * not retry: its callers poll anyway.
 */
public final class HttpRegistryLink implements RegistryLink {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration CALL_LIMIT = Duration.ofSeconds(10);
  private static final int LONGEST_QUOTED_ANSWER = 500;

  private final HttpClient http;
  private final String base;
  private final String token;

  /**
   * A link to the registry at {@code baseUrl}.
   *
   * @param baseUrl scheme, host and port, for example {@code http://registry:8090}
   * @param clusterToken what proves that the call comes from a process of the cluster
   */
  public HttpRegistryLink(URI baseUrl, String clusterToken) {
    var text = baseUrl.toString();
    this.base = (text.endsWith("/") ? text.substring(0, text.length() - 1) : text) + "/internal/v1";
    this.token = clusterToken;
    // HTTP/1.1: a long poll holds its connection, and an upgrade attempt would only cost a round.
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_LIMIT)
            .build();
  }

  @Override
  public Optional<Snapshot> snapshot(long after, String epoch, Audience audience, Duration wait)
      throws IOException, InterruptedException {
    var path =
        "/snapshot?after=%d&epoch=%s&for=%s&wait=%d"
            .formatted(
                after,
                encoded(epoch),
                audience.name().toLowerCase(Locale.ROOT),
                Math.max(0, wait.toSeconds()));
    var request = request(path, CALL_LIMIT.plus(wait)).GET().build();
    var response = http.send(request, BodyHandlers.ofByteArray());
    if (response.statusCode() == 204) {
      return Optional.empty();
    }
    if (response.statusCode() != 200) {
      throw refused(request, response.statusCode(), response.body());
    }
    return Optional.of(ControlJson.lenient().readValue(response.body(), Snapshot.class));
  }

  @Override
  public void report(MemberReport member) throws IOException, InterruptedException {
    send(request("/members/" + encoded(member.id()), CALL_LIMIT).PUT(json(member)));
  }

  @Override
  public void leave(String memberId) throws IOException, InterruptedException {
    send(request("/members/" + encoded(memberId), CALL_LIMIT).DELETE());
  }

  @Override
  public void admission(AdmissionReport verdict) throws IOException, InterruptedException {
    send(request("/admissions", CALL_LIMIT).PUT(json(verdict)));
  }

  @Override
  public void profile(Profile measured) throws IOException, InterruptedException {
    var path = "/profiles/" + encoded(measured.digest()) + "/" + encoded(measured.hardwareClass());
    send(request(path, CALL_LIMIT).PUT(json(measured)));
  }

  @Override
  public RepositoryChange.Made repository(RepositoryChange change)
      throws IOException, InterruptedException {
    var request =
        request("/repository", CALL_LIMIT)
            .header("content-type", "application/json")
            .POST(json(change))
            .build();
    var response = http.send(request, BodyHandlers.ofByteArray());
    if (response.statusCode() / 100 != 2) {
      // The caller's own failure: it goes on to the client as it is.
      throw ErrorJson.toException(
          response.statusCode(),
          ByteBuffer.wrap(response.body()),
          response.headers().firstValue("retry-after").orElse(null));
    }
    return ControlJson.lenient().readValue(response.body(), RepositoryChange.Made.class);
  }

  @Override
  public InputStream openArtifact(String digest) throws IOException, InterruptedException {
    var request = request("/artifacts/" + encoded(digest), CALL_LIMIT).GET().build();
    HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
    if (response.statusCode() != 200) {
      try (var body = response.body()) {
        throw refused(request, response.statusCode(), body.readNBytes(LONGEST_QUOTED_ANSWER));
      }
    }
    return response.body();
  }

  private HttpRequest.Builder request(String path, Duration limit) {
    return HttpRequest.newBuilder(URI.create(base + path))
        .timeout(limit)
        .header(MillraceHeaders.INTERNAL_TOKEN, token);
  }

  private void send(HttpRequest.Builder builder) throws IOException, InterruptedException {
    var request = builder.header("content-type", "application/json").build();
    var response = http.send(request, BodyHandlers.ofByteArray());
    if (response.statusCode() / 100 != 2) {
      throw refused(request, response.statusCode(), response.body());
    }
  }

  private static HttpRequest.BodyPublisher json(Object document) throws JsonProcessingException {
    return BodyPublishers.ofByteArray(ControlJson.lenient().writeValueAsBytes(document));
  }

  private static IOException refused(HttpRequest request, int status, byte[] answer) {
    int length = Math.min(answer.length, LONGEST_QUOTED_ANSWER);
    return new IOException(
        "the registry answered %d to %s %s: %s"
            .formatted(
                status,
                request.method(),
                request.uri().getPath(),
                new String(answer, 0, length, StandardCharsets.UTF_8)));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
