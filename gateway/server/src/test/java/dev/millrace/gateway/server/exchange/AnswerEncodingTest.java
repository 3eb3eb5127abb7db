package dev.millrace.gateway.server.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AnswerEncodingTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "- | -",
        "'' | -",
        "gzip | GZIP",
        "deflate | DEFLATE",
        "GZip, Deflate, br | GZIP",
        "x-gzip | GZIP",
        "br, zstd | -",
        "gzip;q=0.5, deflate;q=0.8 | DEFLATE",
        "gzip;q=0 | -",
        "gzip;q=0, * | DEFLATE",
        "* | GZIP",
        "*;q=0 | -",
        "identity, gzip;q=0.5 | -",
        "identity;q=0.5, gzip;q=0.5 | GZIP",
        "identity;q=0, deflate;q=0.001 | DEFLATE",
        "gzip;q=many | -",
        "gzip;q=2 | -",
        "' gzip ; q=1.0 ' | GZIP",
        "identity | -",
      })
  void takesWhatTheClientLikesBest(String accepted, AnswerEncoding expected) {
    assertThat(AnswerEncoding.best(accepted)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "gzip | identity,gzip | GZIP",
        "deflate | gzip, deflate | DEFLATE",
        "gzip | deflate | -",
        "identity | gzip | -",
        "- | gzip | -",
        "gzip | - | -"
      })
  void aGrpcAnswerIsCompressedAsItsRequestWas(
      String request, String accepted, AnswerEncoding expected) {
    assertThat(AnswerEncoding.likeRequest(request, accepted)).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(AnswerEncoding.class)
  void aBodyInPiecesIsTheBody(AnswerEncoding encoding) throws Exception {
    byte[] bytes = new byte[300_000];
    new Random(7).nextBytes(bytes);
    java.util.Arrays.fill(bytes, 1_000, 200_000, (byte) '7');
    var sent = new ByteArrayOutputStream();
    try (var body = encoding.begin()) {
      for (int from = 0; from < bytes.length; from += 65_536) {
        sent.write(
            body.next(
                java.util.Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + 65_536))));
      }
      sent.write(body.end());
    }
    assertThat(sent.size()).isLessThan(150_000);
    assertThat(inflated(encoding, sent.toByteArray())).isEqualTo(bytes);
    assertThat(inflated(encoding, encoding.compress(bytes))).isEqualTo(bytes);
  }

  @ParameterizedTest
  @EnumSource(AnswerEncoding.class)
  void aFrameOfSeveralPartsIsOneMessage(AnswerEncoding encoding) {
    var parts = List.of(ByteBuffer.wrap(new byte[700]), ByteBuffer.wrap(new byte[900]));

    var frame = GrpcFrames.frame(parts, encoding);

    assertThat(frame).hasSize(1);
    assertThat(frame.getFirst().get(0)).isEqualTo((byte) 1);
    assertThat(frame.getFirst().remaining()).isLessThan(100);
    assertThat(GrpcFrames.onlyMessage(frame.getFirst(), encoding.token(), 1_600))
        .isEqualTo(ByteBuffer.wrap(new byte[1_600]));
  }

  @Test
  void aSmallFrameIsNotCompressed() {
    var parts = List.of(ByteBuffer.wrap(new byte[700]));
    assertThat(GrpcFrames.frame(parts, AnswerEncoding.GZIP).getFirst().get(0)).isZero();
  }

  private static byte[] inflated(AnswerEncoding encoding, byte[] bytes) throws Exception {
    var in = new ByteArrayInputStream(bytes);
    try (var inflating =
        encoding == AnswerEncoding.GZIP ? new GZIPInputStream(in) : new InflaterInputStream(in)) {
      return inflating.readAllBytes();
    }
  }
}
