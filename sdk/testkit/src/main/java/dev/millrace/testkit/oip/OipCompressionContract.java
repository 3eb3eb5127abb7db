package dev.millrace.testkit.oip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferResponse;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.oip.EncodedBody;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.TensorEncoding;
import dev.millrace.protocol.tensor.Tensors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;

/** Bodies and messages that are compressed, in and out, and their limits. */
public interface OipCompressionContract {
  /** Where the server is. */
  OipTarget target();

  private static InferRequest rows(int count, String endpoint) {
    var x = Tensors.float32("x", new float[4 * count], count, 4);
    return new InferRequest(endpoint, "", "z", Map.of(), List.of(x), List.of());
  }

  private static byte[] packed(String encoding, byte[] plain) {
    var out = new ByteArrayOutputStream();
    try (OutputStream packing =
        encoding.equals("gzip") ? new GZIPOutputStream(out) : new DeflaterOutputStream(out)) {
      packing.write(plain);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toByteArray();
  }

  private static byte[] unpacked(String encoding, byte[] packed) {
    var in = new ByteArrayInputStream(packed);
    try (InputStream unpacking =
        encoding.equals("gzip") ? new GZIPInputStream(in) : new InflaterInputStream(in)) {
      return unpacking.readAllBytes();
    } catch (IOException broken) {
      throw new UncheckedIOException(encoding, broken);
    }
  }

  private OipHttp.Answer infer(byte[] body, Map<String, String> headers) {
    return new OipHttp(target()).send("POST", target().model("/infer"), body, headers);
  }

  @Test
  default void restTakesCompressedBodies() {
    byte[] row = OipRestContract.ROW.getBytes(StandardCharsets.UTF_8);
    for (String encoding : List.of("gzip", "deflate")) {
      infer(packed(encoding, row), Map.of("Content-Encoding", encoding)).ok();
      infer(packed(encoding, row), Map.of("Content-Encoding", encoding.toUpperCase(Locale.ROOT)))
          .ok();
    }
    infer(row, Map.of("Content-Encoding", "identity")).ok();
  }

  @Test
  default void restTakesACompressedBinaryBody() {
    EncodedBody body =
        HttpInferCodec.encodeRequest(rows(3, target().endpoint()), TensorEncoding.BINARY);
    var plain = new byte[Math.toIntExact(body.size())];
    body.joined().get(plain);
    for (String encoding : List.of("gzip", "deflate")) {
      OipHttp.Answer answer =
          infer(
              packed(encoding, plain),
              Map.of(
                  "Content-Encoding",
                  encoding,
                  "Content-Type",
                  "application/octet-stream",
                  MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH,
                  Integer.toString(body.jsonLength())));
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }
  }

  @Test
  default void restRefusesCompressedBodiesThatAreNone() {
    byte[] row = OipRestContract.ROW.getBytes(StandardCharsets.UTF_8);
    byte[] whole = packed("gzip", row);
    byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 12);
    for (String encoding : List.of("gzip", "deflate")) {
      infer(row, Map.of("Content-Encoding", encoding)).error(ErrorCode.INVALID_ARGUMENT);
    }
    infer(cut, Map.of("Content-Encoding", "gzip")).error(ErrorCode.INVALID_ARGUMENT);
    infer(row, Map.of("Content-Encoding", "br")).error(ErrorCode.UNSUPPORTED_MEDIA);
  }

  @Test
  default void restLimitsWhatBodiesInflateTo() {
    byte[] bomb = packed("gzip", new byte[Math.toIntExact(target().maxBodyBytes() + 1)]);
    infer(bomb, Map.of("Content-Encoding", "gzip")).error(ErrorCode.PAYLOAD_TOO_LARGE);
  }

  @Test
  default void restCompressesAnswersForThoseWhoAskForIt() {
    String many =
        OipRestContract.ROW
            .replace("[1,4]", "[5000,4]")
            .replace("[1,2,3,4]", "[" + "1,2,3,4,".repeat(4_999) + "1,2,3,4]");
    OipHttp.Answer plain = infer(many.getBytes(StandardCharsets.UTF_8), Map.of());
    plain.ok();
    assertThat(plain.header("Content-Encoding")).isEmpty();
    assertThat(plain.headers().allValues("Vary")).contains("Accept-Encoding");
    var wanted = new HashMap<String, String>();
    wanted.put("gzip, deflate, br", "gzip");
    wanted.put("gzip;q=0.2, deflate;q=0.9", "deflate");
    wanted.put("gzip;q=0, *;q=0.1", "deflate");
    wanted.put("br, zstd", "");
    wanted.put("gzip;q=0", "");
    wanted.forEach(
        (accepted, encoding) -> {
          OipHttp.Answer answer =
              infer(many.getBytes(StandardCharsets.UTF_8), Map.of("Accept-Encoding", accepted));
          assertThat(answer.status()).isEqualTo(200);
          assertThat(answer.header("Content-Encoding")).as(accepted).isEqualTo(encoding);
          assertThat(answer.header("Content-Type")).isEqualTo("application/json");
          byte[] body = encoding.isEmpty() ? answer.body() : unpacked(encoding, answer.body());
          assertThat(body).isEqualTo(plain.body());
          assertThat(encoding.isEmpty() || answer.body().length < body.length / 4).isTrue();
        });
  }

  @Test
  default void restLeavesSmallAnswersUncompressed() {
    byte[] row = OipRestContract.ROW.getBytes(StandardCharsets.UTF_8);
    OipHttp.Answer answer = infer(row, Map.of("Accept-Encoding", "gzip"));
    answer.ok();
    assertThat(answer.header("Content-Encoding")).isEmpty();
  }

  @Test
  default void restHeaderLengthIsThatOfTheAnswerBeforeItIsCompressed() {
    EncodedBody body =
        HttpInferCodec.encodeRequest(rows(5_000, target().endpoint()), TensorEncoding.BINARY);
    var plain = new byte[Math.toIntExact(body.size())];
    body.joined().get(plain);
    OipHttp.Answer answer =
        infer(
            plain,
            Map.of(
                "Accept-Encoding",
                "gzip",
                MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH,
                Integer.toString(body.jsonLength())));
    assertThat(answer.header("Content-Encoding")).isEqualTo("gzip");
    int length = Integer.parseInt(answer.header(MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH));
    var got =
        HttpInferCodec.decodeResponse(ByteBuffer.wrap(unpacked("gzip", answer.body())), length);
    assertThat(got.outputs().get(0).shape()).containsExactly(5_000, 3);
  }

  @Test
  default void grpcAnswersAreCompressedAsTheRequestWas() {
    ModelInferRequest request =
        GrpcInferCodec.encodeRequest(rows(50_000, target().endpoint()), GrpcEncoding.RAW);
    var headers = new AtomicReference<Metadata>();
    var stub =
        OipGrpc.stub(target())
            .withInterceptors(
                MetadataUtils.newCaptureMetadataInterceptor(headers, new AtomicReference<>()));
    ModelInferResponse plain = stub.modelInfer(request);
    assertThat(encoding(headers)).isIn("", "identity");
    ModelInferResponse packed = stub.withCompression("gzip").modelInfer(request);
    assertThat(encoding(headers)).isEqualTo("gzip");
    assertThat(packed.getRawOutputContents(0)).isEqualTo(plain.getRawOutputContents(0));
  }

  private static String encoding(AtomicReference<Metadata> headers) {
    String encoding =
        headers.get().get(Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER));
    return encoding == null ? "" : encoding;
  }

  @Test
  default void grpcLimitsWhatMessagesInflateTo() {
    int elements = Math.toIntExact(target().maxBodyBytes() / Float.BYTES) + (2 << 20);
    ModelInferRequest bomb =
        GrpcInferCodec.encodeRequest(rows(elements / 4, target().endpoint()), GrpcEncoding.RAW);
    OipGrpc.refused(
        ErrorCode.PAYLOAD_TOO_LARGE,
        () -> OipGrpc.stub(target()).withCompression("gzip").modelInfer(bomb));
  }
}
