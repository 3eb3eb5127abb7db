package dev.millrace.runtime.server;

import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.oip.EncodedBody;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.oip.TensorEncoding;
import dev.millrace.protocol.tensor.Tensor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Calls a runtime as a gateway does: with the cluster's token and the chosen version. */
final class RuntimeCaller implements AutoCloseable {
  static final String TOKEN = "test-token";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI base;
  private final ManagedChannel channel;

  RuntimeCaller(URI base, int grpcPort) {
    this.base = base;
    this.channel =
        NettyChannelBuilder.forAddress("127.0.0.1", grpcPort)
            .usePlaintext()
            .maxInboundMessageSize(64 << 20)
            .build();
  }

  static Map<String, String> headers(VersionKey target) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(MillraceHeaders.INTERNAL_TOKEN, TOKEN);
    headers.put(MillraceHeaders.INTERNAL_TARGET, target.toString());
    headers.put(MillraceHeaders.INTERNAL_ENDPOINT, target.model());
    return headers;
  }

  HttpResponse<byte[]> send(String method, String path, byte[] body, Map<String, String> headers) {
    var request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(Duration.ofSeconds(60))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (java.io.IOException | InterruptedException failure) {
      throw new IllegalStateException(method + " " + path, failure);
    }
  }

  HttpResponse<byte[]> infer(VersionKey target, String json) {
    return send(
        "POST",
        "/v2/models/" + target.model() + "/infer",
        json.getBytes(StandardCharsets.UTF_8),
        headers(target));
  }

  InferResponse infer(VersionKey target, List<Tensor> inputs, TensorEncoding encoding) {
    EncodedBody body =
        HttpInferCodec.encodeRequest(
            new InferRequest("", "", "42", Map.of(), inputs, List.of()), encoding);
    Map<String, String> headers = headers(target);
    if (body.binary()) {
      headers.put(
          MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH, Integer.toString(body.jsonLength()));
    }
    ByteBuffer bytes = body.joined();
    byte[] array = new byte[bytes.remaining()];
    bytes.get(array);
    var response = send("POST", "/v2/models/" + target.model() + "/infer", array, headers);
    if (response.statusCode() != 200) {
      throw new AssertionError(
          response.statusCode() + ": " + new String(response.body(), StandardCharsets.UTF_8));
    }
    int jsonLength =
        HttpInferCodec.jsonLength(
            response
                .headers()
                .firstValue(MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH)
                .orElse(null),
            response.body().length);
    return HttpInferCodec.decodeResponse(ByteBuffer.wrap(response.body()), jsonLength);
  }

  InferResponse infer(VersionKey target, List<Tensor> inputs, GrpcEncoding encoding) {
    var request = new InferRequest(target.model(), "", "42", Map.of(), inputs, List.of());
    return GrpcInferCodec.decodeResponse(
        stub(target).modelInfer(GrpcInferCodec.encodeRequest(request, encoding)));
  }

  GRPCInferenceServiceBlockingStub stub(VersionKey target) {
    return stub(headers(target));
  }

  GRPCInferenceServiceBlockingStub stub(Map<String, String> headers) {
    Metadata metadata = new Metadata();
    headers.forEach(
        (name, value) ->
            metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
    return GRPCInferenceServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
