package dev.millrace.gateway.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GrpcMessageTest {
  private static final byte[] MESSAGE = {1, 2, 3};

  private static byte[] frame(int flag, byte[] content) {
    var frame = ByteBuffer.allocate(5 + content.length);
    return frame.put((byte) flag).putInt(content.length).put(content).array();
  }

  private static byte[] gzip(byte[] message) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(message);
    }
    return bytes.toByteArray();
  }

  private static byte[] deflate(byte[] message) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DeflaterOutputStream(bytes)) {
      out.write(message);
    }
    return bytes.toByteArray();
  }

  private static ErrorCode refusal(byte[] body, @Nullable String encoding) {
    return catchThrowableOfType(
            MillraceException.class, () -> GrpcMessage.only(body, encoding, 100))
        .code();
  }

  @Test
  void readsPlainAndCompressedMessages() throws IOException {
    assertThat(GrpcMessage.only(frame(0, MESSAGE), null, 100)).isEqualTo(MESSAGE);
    assertThat(GrpcMessage.only(frame(0, MESSAGE), "gzip", 100)).isEqualTo(MESSAGE);
    assertThat(GrpcMessage.only(frame(1, gzip(MESSAGE)), "gzip", 100)).isEqualTo(MESSAGE);
    assertThat(GrpcMessage.only(frame(1, deflate(MESSAGE)), "deflate", 100)).isEqualTo(MESSAGE);
    assertThat(GrpcMessage.only(frame(1, gzip(new byte[100])), "gzip", 100)).hasSize(100);
    assertThat(GrpcMessage.only(frame(0, new byte[0]), null, 100)).isEmpty();
  }

  @Test
  void refusesWhatIsNotOneMessage() throws IOException {
    var frame = frame(0, MESSAGE);
    assertThat(refusal(new byte[0], null)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal(Arrays.copyOf(frame, 7), null)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal(Arrays.copyOf(frame, 9), null)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal(frame(2, MESSAGE), null)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal(frame(1, MESSAGE), null)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal(frame(1, MESSAGE), "gzip")).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal(frame(1, Arrays.copyOf(gzip(MESSAGE), 12)), "gzip"))
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal(frame(1, MESSAGE), "br")).isEqualTo(ErrorCode.NOT_IMPLEMENTED);
    assertThat(refusal(frame(1, gzip(new byte[101])), "gzip"))
        .isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
  }
}
