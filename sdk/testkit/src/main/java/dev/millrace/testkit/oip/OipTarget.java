package dev.millrace.testkit.oip;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where the suite is aimed at.
 *
 * @param baseUrl scheme, host and port of the REST side, without a path
 * @param grpcTarget {@code host:port} of the gRPC side, spoken in clear text
 * @param apiKey a key that may call {@code endpoint}; null when the server asks for none, and then
 *     the tests about credentials are skipped
 * @param endpoint serves {@code TinyModels.linear(4, 3)}
 * @param maxBodyBytes the server's limit of a request body or message
 */
public record OipTarget(
    URI baseUrl, String grpcTarget, @Nullable String apiKey, String endpoint, long maxBodyBytes) {

  /** The limit of a server that was not configured otherwise. */
  public static final long DEFAULT_MAX_BODY_BYTES = 64L << 20;

  /** A target with the default limit, REST and gRPC on the same port. */
  public static OipTarget of(URI baseUrl, @Nullable String apiKey, String endpoint) {
    return new OipTarget(
        baseUrl,
        baseUrl.getHost() + ":" + baseUrl.getPort(),
        apiKey,
        endpoint,
        DEFAULT_MAX_BODY_BYTES);
  }

  /** The path of the endpoint, or of something below it. */
  String model(String rest) {
    return "/v2/models/" + endpoint + rest;
  }
}
