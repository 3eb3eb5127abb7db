package dev.millrace.runtime.server.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class ContentDecodingTest {
  private static final byte[] PLAIN = "tensor ".repeat(1_000).getBytes(StandardCharsets.UTF_8);

  private interface Encoder {
    OutputStream over(OutputStream out) throws IOException;
  }

  private static ByteBuffer encoded(Encoder encoder) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var encoding = encoder.over(out)) {
      encoding.write(PLAIN);
    }
    return ByteBuffer.wrap(out.toByteArray());
  }

  private static ErrorCode refusal(String encoding, ByteBuffer body, int limit) {
    return catchThrowableOfType(
            MillraceException.class, () -> ContentDecoding.decode(encoding, body, limit))
        .code();
  }

  @Test
  void undoesGzipDeflateAndNothing() throws IOException {
    ByteBuffer plain = ByteBuffer.wrap(PLAIN);
    int size = PLAIN.length;

    assertThat(ContentDecoding.decode("gzip", encoded(GZIPOutputStream::new), size))
        .isEqualTo(plain);
    assertThat(ContentDecoding.decode("Deflate", encoded(DeflaterOutputStream::new), size))
        .isEqualTo(plain);
    assertThat(ContentDecoding.decode("identity", plain, size)).isSameAs(plain);
    assertThat(ContentDecoding.decode(null, plain, size)).isSameAs(plain);
  }

  @Test
  void refusesBombsGarbageAndUnknownEncodings() throws IOException {
    assertThat(refusal("gzip", encoded(GZIPOutputStream::new), PLAIN.length - 1))
        .isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
    assertThat(refusal("gzip", ByteBuffer.wrap(PLAIN), 1 << 20))
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal("br", ByteBuffer.wrap(PLAIN), 1 << 20))
        .isEqualTo(ErrorCode.UNSUPPORTED_MEDIA);
  }
}
