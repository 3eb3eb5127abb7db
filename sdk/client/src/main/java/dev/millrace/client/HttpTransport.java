package dev.millrace.client;

import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.oip.EncodedBody;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.oip.ModelMetadata;
import dev.millrace.protocol.oip.ServerMetadata;
import dev.millrace.protocol.oip.TensorEncoding;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The protocol over HTTP. Shares the connections of the client that owns it, so closes nothing. */
final class HttpTransport implements InferTransport {
  private final HttpConnection http;
  private final TensorEncoding encoding;
  private final Duration timeout;

  HttpTransport(HttpConnection http, ClientOptions options) {
    this.http = http;
    this.encoding =
        options.transport() == Transport.HTTP_JSON ? TensorEncoding.JSON : TensorEncoding.BINARY;
    this.timeout = options.timeout();
  }

  @Override
  public InferResponse infer(InferRequest request, Duration deadline) {
    EncodedBody body = HttpInferCodec.encodeRequest(request, encoding);
    HttpRequest.Builder builder =
        http.request(path(request.modelName(), request.modelVersion()) + "/infer")
            .header("Content-Type", body.contentType())
            .header(MillraceHeaders.TIMEOUT, Long.toString(Math.max(1, deadline.toMillis())))
            .POST(new PartsBody(body.parts(), body.size()));
    if (body.binary()) {
      builder.header(
          MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH, Integer.toString(body.jsonLength()));
    }
    HttpResponse<byte[]> answer = http.call(builder.build(), deadline);
    String jsonLength =
        answer.headers().firstValue(MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH).orElse(null);
    return HttpInferCodec.decodeResponse(
        ByteBuffer.wrap(answer.body()),
        HttpInferCodec.jsonLength(jsonLength, answer.body().length));
  }

  @Override
  public ModelMetadata modelMetadata(String model, String version) {
    ModelMetadata read = get(path(model, version), ModelMetadata.class);
    // Versions and properties are optional in the protocol.
    return new ModelMetadata(
        read.name(),
        Objects.requireNonNullElse(read.versions(), List.of()),
        read.platform(),
        Objects.requireNonNullElse(read.inputs(), List.of()),
        Objects.requireNonNullElse(read.outputs(), List.of()),
        Objects.requireNonNullElse(read.properties(), Map.of()));
  }

  @Override
  public boolean modelReady(String model, String version) {
    HttpRequest request = http.request(path(model, version) + "/ready").GET().build();
    HttpResponse<byte[]> answer =
        http.exchange(request, HttpResponse.BodyHandlers.ofByteArray(), timeout);
    int status = answer.statusCode();
    if (status < 300) {
      return true;
    }
    // 400 is what servers of this protocol say of a model that is not ready, 404 of an unknown one.
    if (status == 400 || status == 404 || status == 503) {
      return false;
    }
    throw HttpFailures.read(status, answer.headers(), answer.body());
  }

  @Override
  public ServerMetadata serverMetadata() {
    return get("/v2", ServerMetadata.class);
  }

  private <T> T get(String path, Class<T> type) {
    HttpRequest request = http.request(path).header("Accept", "application/json").GET().build();
    return ControlClient.read(
        http.call(request, timeout).body(), ControlJson.lenient().constructType(type));
  }

  private static String path(String model, String version) {
    String path = "/v2/models/" + ServerAddress.segment(model);
    return version.isEmpty() ? path : path + "/versions/" + ServerAddress.segment(version);
  }

  @Override
  public void close() {}
}
