package dev.millrace.client;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.protocol.control.AliasDocument;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.control.EndpointDocument;
import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.EndpointStatus;
import dev.millrace.protocol.control.EventDocument;
import dev.millrace.protocol.control.ModelDocument;
import dev.millrace.protocol.control.Page;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.SnippetsDocument;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The control API: models, versions, endpoints. Thread-safe; lives as long as the {@link Millrace}
 * that gave it. Every call waits for its answer, for at most the client's timeout (uploads and
 * event streams take as long as they take), and fails with a {@code MillraceException}.
 */
public final class ControlClient {
  private static final String API = "/api/v1";
  private static final ObjectMapper JSON = ControlJson.lenient();

  private final HttpConnection http;
  private final Duration timeout;

  ControlClient(HttpConnection http, Duration timeout) {
    this.http = http;
    this.timeout = timeout;
  }

  /** All models of the project, read page by page. */
  public List<ModelDocument> models() {
    return list("/models", new TypeReference<Page<ModelDocument>>() {});
  }

  /** One model. */
  public ModelDocument model(String model) {
    return get(modelPath(model), ModelDocument.class);
  }

  /** All versions of a model, read page by page. */
  public List<VersionDocument> versions(String model) {
    return list(modelPath(model) + "/versions", new TypeReference<Page<VersionDocument>>() {});
  }

  /** One version of a model. */
  public VersionDocument version(String model, int version) {
    return get(modelPath(model) + "/versions/" + version, VersionDocument.class);
  }

  /**
   * What was measured of a version when it was admitted, on the hardware class measured last.
   *
   * @throws MillraceException NOT_FOUND when there is no such version or nothing was measured yet
   */
  public Profile profile(String model, int version) {
    return get(modelPath(model) + "/versions/" + version + "/profile", Profile.class);
  }

  /**
   * The same of one hardware class.
   *
   * @param hardwareClass of a runtime, for example {@code cpu}
   */
  public Profile profile(String model, int version, String hardwareClass) {
    String path = modelPath(model) + "/versions/" + version + "/profile?hardwareClass=";
    return get(path + ServerAddress.segment(hardwareClass), Profile.class);
  }

  /**
   * Has a version judged again: after an upgrade, or when it was rejected on a busy machine. A
   * READY version stays READY and serves meanwhile; when it fails, its {@code reason} and the
   * events say so.
   *
   * @return the version on its way: VALIDATING, or READY and {@code validatingAgain}
   * @throws MillraceException NOT_FOUND; INVALID_ARGUMENT while its first verdict is still to come
   */
  public VersionDocument validate(String model, int version) {
    return post(modelPath(model) + "/versions/" + version + ":validate", VersionDocument.class);
  }

  /**
   * Uploads a version: one {@code .onnx} file, or a {@code .tar} bundle of plain entries. The file
   * is read twice: for its digest, which the registry checks, and to send it; memory stays small.
   * Repeating an upload is safe: the same content is the same version.
   *
   * @param file must not change meanwhile
   * @return the version, usually still on its way to READY
   * @throws MillraceException INVALID_ARGUMENT when the file cannot be read or is no model;
   *     PAYLOAD_TOO_LARGE over the registry's limit, before the file is sent
   */
  public VersionDocument uploadVersion(String model, Path file, UploadListener listener) {
    HttpRequest request;
    try {
      String digest = FileDigest.reprDigest(file, Files.size(file), listener);
      request =
          http.request(API + modelPath(model) + "/versions")
              .header("Content-Type", contentType(file))
              .header("Accept", "application/json")
              .header("Repr-Digest", digest)
              .expectContinue(http.waitsForContinue(Files.size(file)))
              .POST(new WatchedBody(file, listener))
              .build();
    } catch (IOException unreadable) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "file '%s' cannot be read: %s",
          file,
          unreadable.getMessage());
    }
    return read(http.call(request, null).body(), JSON.constructType(VersionDocument.class));
  }

  /** Moves a label to a version, whatever it pointed to before. */
  public AliasDocument putAlias(String model, String alias, int version) {
    String path = modelPath(model) + "/aliases/" + ServerAddress.segment(alias);
    return put(
        path, new AliasDocument(alias, version, 0), OptionalLong.empty(), AliasDocument.class);
  }

  /** All endpoints of the project, read page by page. */
  public List<EndpointDocument> endpoints() {
    return list("/endpoints", new TypeReference<Page<EndpointDocument>>() {});
  }

  /** One endpoint: its spec and what it does now. */
  public EndpointDocument endpoint(String endpoint) {
    return get(endpointPath(endpoint), EndpointDocument.class);
  }

  /**
   * Says what an endpoint should do; makes it when there is none.
   *
   * @param ifMatch the revision that was read; empty overwrites whatever is there
   * @throws MillraceException STALE_REVISION when somebody changed the endpoint since
   */
  public EndpointDocument putEndpoint(String endpoint, EndpointSpec spec, OptionalLong ifMatch) {
    return put(endpointPath(endpoint), spec, ifMatch, EndpointDocument.class);
  }

  /** Removes an endpoint; its model and versions stay. */
  public void deleteEndpoint(String endpoint) {
    http.call(http.request(API + endpointPath(endpoint)).DELETE().build(), timeout);
  }

  /** Returns an endpoint to the spec before its last change; itself a new revision. */
  public EndpointDocument revert(String endpoint) {
    return post(endpointPath(endpoint) + ":revert", EndpointDocument.class);
  }

  /** What an endpoint does now and what it waits for. */
  public EndpointStatus status(String endpoint) {
    return get(endpointPath(endpoint) + "/status", EndpointStatus.class);
  }

  /**
   * How an endpoint is called, as code that can be run.
   *
   * @param language {@code curl}, {@code java}, {@code python} or {@code grpcurl}; empty for all
   */
  public SnippetsDocument snippets(String endpoint, String language) {
    String query = language.isEmpty() ? "" : "?language=" + ServerAddress.segment(language);
    return get(endpointPath(endpoint) + "/snippets" + query, SnippetsDocument.class);
  }

  /**
   * What has happened to an endpoint so far, oldest first.
   *
   * @param after the last sequence already known; 0 for all that is kept
   */
  public List<EventDocument> events(String endpoint, long after) {
    var all = new ArrayList<EventDocument>();
    long last = after;
    boolean more = true;
    while (more) {
      try (EventStream stream = openEvents(endpoint, last, "application/json")) {
        more = stream.morePages();
        for (EventDocument event : stream.soFar()) {
          all.add(event);
          last = Math.max(last, event.sequence());
        }
      }
    }
    return List.copyOf(all);
  }

  /**
   * Follows what happens to an endpoint, from now back to {@code after} and on. The caller closes
   * the stream.
   *
   * @param after the last sequence already known; 0 for all that is kept
   */
  public EventStream followEvents(String endpoint, long after) {
    return openEvents(endpoint, after, "text/event-stream");
  }

  private EventStream openEvents(String endpoint, long after, String accept) {
    HttpRequest request =
        http.request(API + endpointPath(endpoint) + "/events?after=" + after)
            .header("Accept", accept)
            .GET()
            .build();
    return EventStream.open(http, request, timeout);
  }

  private <T> T get(String path, Class<T> type) {
    HttpRequest request =
        http.request(API + path).header("Accept", "application/json").GET().build();
    return read(http.call(request, timeout).body(), JSON.constructType(type));
  }

  private <T> T post(String path, Class<T> type) {
    HttpRequest request =
        http.request(API + path)
            .header("Accept", "application/json")
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    return read(http.call(request, timeout).body(), JSON.constructType(type));
  }

  private <T> T put(String path, Object body, OptionalLong ifMatch, Class<T> type) {
    HttpRequest.Builder request =
        http.request(API + path)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .PUT(HttpRequest.BodyPublishers.ofByteArray(write(body)));
    if (ifMatch.isPresent()) {
      request.header("If-Match", "\"" + ifMatch.getAsLong() + "\"");
    }
    return read(http.call(request.build(), timeout).body(), JSON.constructType(type));
  }

  private <T> List<T> list(String path, TypeReference<Page<T>> type) {
    var all = new ArrayList<T>();
    String token = null;
    do {
      String query = token == null ? "" : "?pageToken=" + ServerAddress.segment(token);
      HttpRequest request =
          http.request(API + path + query).header("Accept", "application/json").GET().build();
      Page<T> page = read(http.call(request, timeout).body(), JSON.constructType(type));
      all.addAll(page.items());
      token = page.nextPageToken();
    } while (token != null);
    return List.copyOf(all);
  }

  static <T> T read(byte[] body, JavaType type) {
    T value;
    try {
      value = JSON.readValue(body, type);
    } catch (IOException notTheDocument) {
      throw notMillrace(body);
    }
    if (value == null) {
      throw notMillrace(body);
    }
    return value;
  }

  private static MillraceException notMillrace(byte[] body) {
    String text = new String(body, 0, Math.min(body.length, 80), StandardCharsets.UTF_8).strip();
    return MillraceException.of(
        ErrorCode.INTERNAL,
        "the answer is not a control document (is this a Millrace gateway?); it begins with '%s'",
        text);
  }

  private static byte[] write(Object body) {
    try {
      return JSON.writeValueAsBytes(body);
    } catch (IOException impossible) {
      throw MillraceException.of(ErrorCode.INTERNAL, "a document could not be written as JSON")
          .withCause(impossible);
    }
  }

  private static String contentType(Path file) {
    @Nullable Path name = file.getFileName();
    return name != null && name.toString().endsWith(".tar")
        ? "application/x-tar"
        : "application/octet-stream";
  }

  private static String modelPath(String model) {
    return "/models/" + ServerAddress.segment(model);
  }

  private static String endpointPath(String endpoint) {
    return "/endpoints/" + ServerAddress.segment(endpoint);
  }
}
