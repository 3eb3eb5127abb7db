package dev.millrace.e2e.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.Tensors;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Calls of one row {@code x} over REST and gRPC whose refusals are seen as they are sent. */
public final class BothProtocols {
  /** Nothing that is asked here takes so long. */
  private static final Duration HANG = Duration.ofSeconds(30);

  private final Platform platform;

  public BothProtocols(Platform platform) {
    this.platform = platform;
  }

  /** Any request with the admin's key; headers in pairs. */
  public HttpResponse<String> send(String verb, String path, String body, String... headers)
      throws IOException, InterruptedException {
    try (var http = PlainHttp.client()) {
      var request =
          HttpRequest.newBuilder(platform.url().resolve(path))
              .timeout(HANG)
              .header("authorization", "Bearer " + platform.key())
              .method(verb, HttpRequest.BodyPublishers.ofString(body));
      if (headers.length > 0) {
        request.headers(headers);
      }
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  /** The row as JSON; headers in pairs. */
  public HttpResponse<String> rest(String model, float[] row, String... headers)
      throws IOException, InterruptedException {
    return send(
        "POST",
        "/v2/models/" + model + "/infer",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,%d],\"datatype\":\"FP32\",\"data\":%s}]}"
            .formatted(row.length, Arrays.toString(row)),
        headers);
  }

  /** How the row is refused as a message. */
  public MillraceException grpc(String model, float[] row, Map<String, String> headers)
      throws IOException, InterruptedException {
    var x = Tensors.float32("x", row, 1, row.length);
    byte[] message =
        GrpcInferCodec.encodeRequest(
                new InferRequest(model, "", "", Map.of(), List.of(x), List.of()), GrpcEncoding.RAW)
            .toByteArray();
    try (var grpc = new RawGrpc(platform.url(), platform.key())) {
      return grpc.send(RawGrpc.frame(0, message.length, message), headers).orElseThrow();
    }
  }

  /** Status, form and code of a refusal. */
  public static void assertIs(ErrorCode code, HttpResponse<String> answer) throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(code.httpStatus());
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(answer.headers().firstValue("millrace-request-id")).isPresent();
    var body = ControlJson.lenient().readTree(answer.body());
    assertThat(body.path("error").asText()).isNotEmpty();
    assertThat(body.path("code").asText()).isEqualTo(code.name());
    assertThat(body.path("retryable").asBoolean()).isEqualTo(code.retryable());
  }
}
