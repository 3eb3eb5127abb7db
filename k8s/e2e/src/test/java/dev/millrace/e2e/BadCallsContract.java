package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.e2e.support.ConformanceTarget;
import dev.millrace.e2e.support.PlainHttp;
import dev.millrace.e2e.support.Platform;
import dev.millrace.e2e.support.RawGrpc;
import dev.millrace.e2e.support.RawHttp;
import dev.millrace.e2e.support.TypedModel;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensors;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Calls that are wrong below or beside the protocol: frames and lengths that lie, credentials of
 * others, numbers beyond their datatype. Each is refused in the protocol's words or by a closed
 * connection, and the next call works.
 */
interface BadCallsContract {
  /** Serves {@link TypedModel} as {@link ConformanceTarget#TYPED}. */
  Platform platform();

  private String infer(String body, String... headers) throws Exception {
    try (var http = PlainHttp.client()) {
      var request =
          HttpRequest.newBuilder(
                  platform().url().resolve("/v2/models/" + ConformanceTarget.TYPED + "/infer"))
              .header("authorization", "Bearer " + platform().key())
              .POST(HttpRequest.BodyPublishers.ofString(body));
      if (headers.length > 0) {
        request.headers(headers);
      }
      var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body();
    }
  }

  @Test
  default void theEndsOfEveryDatatypesRangeArePassedThrough() throws Exception {
    String answer = infer(TypedModel.request());

    assertThat(answer).startsWith("200 ");
    var outputs = ControlJson.lenient().readTree(answer.substring(4)).path("outputs");
    assertThat(outputs).hasSize(TypedModel.types().size());
    for (var output : outputs) {
      var type = DataType.valueOf(output.path("datatype").asText());
      assertThat(output.path("data").path(0).asText())
          .as("%s", type)
          .isEqualTo(TypedModel.fitting(type));
    }
  }

  @Test
  default void numbersBeyondTheirDatatypeAreNamed() throws Exception {
    var beyond =
        Map.of(
            DataType.BOOL, List.of("2", "-1", "1.0", "\"true\""),
            DataType.UINT8, List.of("256", "-1", "1.5", "1e2", "NaN"),
            DataType.INT8, List.of("200", "-129", "1.5", "Infinity"),
            DataType.INT16, List.of("32768", "-32769"),
            DataType.INT32, List.of("3000000000", "-2147483649", "0.5"),
            DataType.INT64, List.of("9223372036854775808", "1e3", "99999999999999999999"),
            DataType.FP32, List.of("1e39", "-1e39", "1e999999999", "\"1\"", "true"),
            DataType.FP64, List.of("1e309", "-1e99999999999999999999", "null"));
    for (var type : beyond.entrySet()) {
      for (String token : type.getValue()) {
        assertThat(infer(TypedModel.request(type.getKey(), token)))
            .as("%s %s", type.getKey(), token)
            .startsWith("400 ")
            .contains("\"INVALID_ARGUMENT\"")
            .contains("input '" + TypedModel.name(type.getKey()) + "', element 0")
            .contains(token.replace("\"", ""));
      }
    }
    assertThat(infer(TypedModel.request())).startsWith("200 ");
  }

  @Test
  default void halfPrecisionHasNoFormInJson() throws Exception {
    assertThat(
            infer(
                "{\"inputs\":[{\"name\":\"fp32\",\"datatype\":\"FP16\",\"shape\":[1,1],\"data\":[1e6]}]}"))
        .startsWith("400 ")
        .contains("FP16")
        .contains("binary_data_size");
  }

  @Test
  default void aMissingInputIsNamed() throws Exception {
    String all = TypedModel.request();
    String without = "{\"inputs\":[" + all.substring(all.indexOf("},{") + 2);

    assertThat(infer(without)).startsWith("400 ").contains("bool");
  }

  @Test
  default void aCallInTheNameOfAnotherProjectIsDenied() throws Exception {
    assertThat(infer(TypedModel.request(), "millrace-project", "other"))
        .startsWith("403 ")
        .contains("PERMISSION_DENIED")
        .contains("other");
    try (var grpc = new RawGrpc(platform().url(), platform().key())) {
      assertThat(grpc.send(whole(message()), Map.of("millrace-project", "other")))
          .hasValueSatisfying(
              refused -> assertThat(refused.code()).isEqualTo(ErrorCode.PERMISSION_DENIED));
    }
  }

  @Test
  default void httpFramingThatLiesEndsItsConnectionAndNoOther() throws Exception {
    String body = TypedModel.request();
    String head =
        "POST /v2/models/typed/infer HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            + platform().key()
            + "\r\n";
    var lies = new ArrayList<String>();
    lies.add(head + "Content-Length: " + (body.length() + 10) + "\r\n\r\n" + body);
    lies.add(head + "Content-Length: -5\r\n\r\n" + body);
    lies.add(head + "Content-Length: many\r\n\r\n" + body);
    lies.add(head + "Content-Length: 9223372036854775808\r\n\r\n" + body);
    lies.add(head + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n" + body);
    lies.add(head + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    lies.add(head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + body + "\r\n0\r\n\r\n");
    lies.add(head + "Transfer-Encoding: chunked\r\n\r\n-1\r\n" + body + "\r\n0\r\n\r\n");
    lies.add(head + "Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n" + body);
    lies.add("\u0000\u0001\u0002 nonsense\r\n\r\n");
    for (String lie : lies) {
      String answer = RawHttp.exchange(platform().url(), lie, true);
      assertThat(
              answer.isEmpty()
                  || answer.startsWith("HTTP/1.1 400")
                  || answer.startsWith("HTTP/1.0 400"))
          .as("refused or closed: %s → %s", lie.substring(0, Math.min(lie.length(), 200)), answer)
          .isTrue();
      assertThat(answer).doesNotContain("\tat ").doesNotContain("Exception");
    }
    String hostless = head.replace("Host: x\r\n", "Connection: close\r\n") + "\r\n";
    assertThat(RawHttp.exchange(platform().url(), hostless, true))
        .startsWith("HTTP/1.1 400")
        .contains("\"INVALID_ARGUMENT\"")
        .contains("Host");
    assertThat(infer(body)).startsWith("200 ");
  }

  @Test
  default void whoWaitsToBeAskedIsRefusedBeforeAByteIsSent() throws Exception {
    String call = "POST /v2/models/typed/infer HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n";
    String key = "Authorization: Bearer " + platform().key() + "\r\n";
    assertThat(RawHttp.headOf(platform().url(), call + "Content-Length: 9\r\n\r\n"))
        .startsWith("HTTP/1.1 401")
        .containsIgnoringCase("connection: close");
    assertThat(RawHttp.headOf(platform().url(), call + key + "Content-Length: 99999999999\r\n\r\n"))
        .startsWith("HTTP/1.1 413")
        .containsIgnoringCase("connection: close");
    assertThat(RawHttp.headOf(platform().url(), call + key + "Content-Length: 9\r\n\r\n"))
        .startsWith("HTTP/1.1 100");
  }

  @Test
  default void grpcFramesThatLieAreRefusedAndTheConnectionGoesOn() throws Exception {
    byte[] message = message();
    int length = message.length;
    try (var grpc = new RawGrpc(platform().url(), platform().key())) {
      var refused = new ArrayList<byte[]>();
      refused.add(new byte[0]);
      refused.add(new byte[] {0, 0, 0});
      refused.add(RawGrpc.frame(0, 0, new byte[0]));
      refused.add(RawGrpc.frame(0, length + 10, message));
      refused.add(RawGrpc.frame(0, length - 10, message));
      refused.add(RawGrpc.frame(1, length, message));
      refused.add(RawGrpc.frame(7, length, message));
      var two = new ByteArrayOutputStream();
      two.writeBytes(whole(message));
      two.writeBytes(whole(message));
      refused.add(two.toByteArray());
      for (byte[] body : refused) {
        assertThat(grpc.send(body, Map.of()))
            .hasValueSatisfying(
                failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
        assertThat(grpc.send(whole(message), Map.of())).isEmpty();
      }
      for (int announced : List.of(Integer.MAX_VALUE, -1, (64 << 20) + 1)) {
        assertThat(grpc.send(RawGrpc.frame(0, announced, message), Map.of()))
            .hasValueSatisfying(
                failure -> {
                  assertThat(failure.code()).isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
                  assertThat(failure.message()).contains(Integer.toString(64 << 20));
                });
      }
      assertThat(grpc.send(whole(message), Map.of())).isEmpty();
    }
  }

  @Test
  default void grpcCompressionThatIsNoneIsRefused() throws Exception {
    byte[] packed = gzip(message());
    byte[] cut = java.util.Arrays.copyOf(packed, packed.length - 12);
    byte[] bomb = gzip(new byte[(64 << 20) + 1]);
    var gzip = Map.of("grpc-encoding", "gzip");
    try (var grpc = new RawGrpc(platform().url(), platform().key())) {
      assertThat(grpc.send(RawGrpc.frame(1, packed.length, packed), gzip)).isEmpty();
      for (byte[] wrong : List.of(cut, message())) {
        assertThat(grpc.send(RawGrpc.frame(1, wrong.length, wrong), gzip))
            .hasValueSatisfying(
                failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
      }
      assertThat(grpc.send(RawGrpc.frame(1, bomb.length, bomb), gzip)).isPresent();
      assertThat(
              grpc.send(RawGrpc.frame(1, packed.length, packed), Map.of("grpc-encoding", "zstd")))
          .hasValueSatisfying(
              failure -> assertThat(failure.code()).isEqualTo(ErrorCode.NOT_IMPLEMENTED));
      assertThat(grpc.send(whole(message()), Map.of("grpc-timeout", "soon")))
          .hasValueSatisfying(
              failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
      assertThat(grpc.send(whole(message()), Map.of())).isEmpty();
    }
  }

  @Test
  default void nothingStaysInFlightAfterRefusals() throws Exception {
    try (var grpc = new RawGrpc(platform().url(), platform().key())) {
      for (int i = 0; i < 20; i++) {
        infer("{\"inputs\":[");
        infer(TypedModel.request(DataType.INT8, "200"));
        grpc.send(RawGrpc.frame(0, 1_000, message()), Map.of());
        grpc.send(RawGrpc.frame(0, 3, new byte[] {10, 5, 'x'}), Map.of());
      }
    }
    Awaitility.await("gauges at rest")
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> assertThat(gauges("millrace_upstream_inflight")).isNotEmpty().containsOnly(0d));
    assertThat(gauges("millrace_queue_depth")).allMatch(depth -> depth == 0);
  }

  private List<Double> gauges(String name) throws Exception {
    try (var http = PlainHttp.client()) {
      var request =
          HttpRequest.newBuilder(platform().managementUrl().resolve("/q/metrics")).build();
      return http.send(request, HttpResponse.BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith(name))
          .map(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
          .toList();
    }
  }

  /** A right message for the model {@code conformance}. */
  private static byte[] message() {
    var row = Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4);
    ModelInferRequest request =
        GrpcInferCodec.encodeRequest(
            new InferRequest("conformance", "", "", Map.of(), List.of(row), List.of()),
            GrpcEncoding.RAW);
    return request.toByteArray();
  }

  private static byte[] whole(byte[] message) {
    return RawGrpc.frame(0, message.length, message);
  }

  private static byte[] gzip(byte[] plain) throws java.io.IOException {
    var packed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(packed)) {
      gzip.write(plain);
    }
    return packed.toByteArray();
  }
}
