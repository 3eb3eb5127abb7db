package dev.millrace.client;

import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.ServerMetadata;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Objects;

/**
 * A connection to one Millrace gateway, or, for inference, to any server of the Open Inference
 * Protocol.
 *
 * <pre>{@code
 * try (var millrace = Millrace.connect("http://127.0.0.1:8080", Credentials.apiKey(key))) {
 *   var result = millrace.endpoint("linear").infer(Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4));
 *   FloatBuffer y = result.floats("y");
 * }
 * }</pre>
 *
 * <p>Thread-safe: make one and share it. Connections are pooled and opened by the first call that
 * needs one; nothing is sent by {@link #connect}. {@link #close} ends open calls and frees all
 * connections and threads; nothing works after it. Every failure is a {@code MillraceException}
 * whose code says what happened; {@code details().get("requestId")} is the id to quote, {@code
 * details().get("stage")} is {@code connect} when no connection was made at all.
 */
public final class Millrace implements AutoCloseable {
  /** The detail of a failure that holds the gateway's request id. */
  public static final String REQUEST_ID_DETAIL = "requestId";

  /** The detail of a failure that says where it happened. */
  public static final String STAGE_DETAIL = "stage";

  private final ServerAddress address;
  private final ClientOptions options;
  private final HttpConnection http;
  private final LazyTransport transport;

  private Millrace(ServerAddress address, Credentials credentials, ClientOptions options) {
    this.address = address;
    this.options = options;
    this.http = new HttpConnection(address, credentials, options);
    this.transport =
        new LazyTransport(
            () ->
                switch (options.transport()) {
                  case GRPC -> new GrpcTransport(address, credentials, options);
                  case HTTP_BINARY, HTTP_JSON -> new HttpTransport(http, options);
                });
  }

  /**
   * A client with default options.
   *
   * @param url {@code http://host:port} or {@code https://host}; HTTP and gRPC share the port
   * @throws MillraceException INVALID_ARGUMENT when the url is not one
   */
  public static Millrace connect(String url, Credentials credentials) {
    return connect(url, credentials, ClientOptions.DEFAULT);
  }

  /** A client that behaves as {@code options} says. */
  public static Millrace connect(String url, Credentials credentials, ClientOptions options) {
    Objects.requireNonNull(credentials, "credentials");
    return new Millrace(ServerAddress.parse(url), credentials, options);
  }

  /** The address without a trailing slash. */
  public String url() {
    return address.toString();
  }

  /** Calls to one endpoint; nothing is sent yet. */
  public EndpointClient endpoint(String name) {
    return new EndpointClient(name, transport, options.timeout());
  }

  /** The control API. */
  public ControlClient control() {
    return new ControlClient(http, options.timeout());
  }

  /** The server's name, version and the protocol extensions that work. */
  public ServerMetadata server() {
    return transport.serverMetadata();
  }

  /**
   * Whether the server can take traffic; needs no credential.
   *
   * @throws MillraceException OVERLOADED with stage {@code connect} when nothing listens
   */
  public boolean ready() {
    HttpRequest request = http.request("/v2/health/ready").GET().build();
    return http.exchange(request, HttpResponse.BodyHandlers.discarding(), options.timeout())
            .statusCode()
        < 300;
  }

  /**
   * Vectors of texts, over the OpenAI-style route (always HTTP).
   *
   * @param model an endpoint whose version has the task {@code embedding}
   * @param texts at least one
   */
  public Embeddings embeddings(String model, List<String> texts) {
    return texts().embeddings(model, texts);
  }

  /**
   * Documents in the order of their relevance to a query, over the Cohere-style route (always
   * HTTP).
   *
   * @param model an endpoint whose version has the task {@code rerank} or {@code embedding}
   * @param documents at least one
   * @param most how many results are wanted, at least 1
   */
  public Ranking rerank(String model, String query, List<String> documents, int most) {
    return texts().rerank(model, query, documents, most);
  }

  /**
   * Labels of texts with their probabilities (always HTTP).
   *
   * @param model an endpoint whose version has the task {@code classification} and a tokenizer
   * @param texts at least one
   */
  public Classifications classify(String model, List<String> texts) {
    return texts().classify(model, texts);
  }

  private TextRoutes texts() {
    return new TextRoutes(http, options.timeout());
  }

  @Override
  public void close() {
    transport.close();
    http.close();
  }
}
