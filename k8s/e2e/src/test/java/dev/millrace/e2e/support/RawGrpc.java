package dev.millrace.e2e.support;

import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * Calls of {@code ModelInfer} whose frames are made by hand, over one HTTP/2 connection that every
 * call shares: that the next call works is part of each.
 */
public final class RawGrpc implements AutoCloseable {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
  private final URI server;
  private final String key;

  /** Connects, by way of an upgrade from HTTP/1.1. */
  public RawGrpc(URI server, String key) throws IOException, InterruptedException {
    this.server = server;
    this.key = key;
    var live = HttpRequest.newBuilder(server.resolve("/v2/health/live")).build();
    var version = client.send(live, HttpResponse.BodyHandlers.discarding()).version();
    if (version != HttpClient.Version.HTTP_2) {
      throw new IOException("no HTTP/2 but " + version);
    }
  }

  /** A frame that is as long as it says, or not. */
  public static byte[] frame(int flag, int length, byte[] message) {
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) flag)
        .putInt(length)
        .put(message)
        .array();
  }

  /**
   * Sends a body of any bytes.
   *
   * @return how the call was refused; empty when it was answered
   */
  public Optional<MillraceException> send(byte[] body, Map<String, String> headers)
      throws IOException, InterruptedException {
    var path = "/" + GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName();
    var request =
        HttpRequest.newBuilder(server.resolve(path))
            .timeout(Duration.ofSeconds(10))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("authorization", "Bearer " + key)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    var answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    var status = answer.headers().firstValue("grpc-status").map(Integer::parseInt).orElse(0);
    if (status == 0) {
      return Optional.empty();
    }
    var trailers = new Metadata();
    answer
        .headers()
        .firstValue("grpc-status-details-bin")
        .ifPresent(
            details ->
                trailers.put(
                    Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER),
                    Base64.getDecoder().decode(details)));
    var description = answer.headers().firstValue("grpc-message").orElse("");
    var failure =
        GrpcErrors.fromStatus(Status.fromCodeValue(status).withDescription(description), trailers);
    if (failure.code().grpcStatus() != status) {
      throw new IOException("status " + status + " with the details of " + failure.code());
    }
    return Optional.of(failure);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
