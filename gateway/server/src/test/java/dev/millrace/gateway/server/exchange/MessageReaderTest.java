package dev.millrace.gateway.server.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReaderTest {
  private final List<String> read = new ArrayList<>();
  private final MessageReader reader =
      new MessageReader(
          "gzip",
          1 << 10,
          message -> read.add(StandardCharsets.UTF_8.decode(message).toString()),
          broken -> read.add(code(broken)));

  private static String code(MillraceException broken) {
    return "broken: " + broken.code();
  }

  private static Buffer frame(int flag, byte[] message) {
    return Buffer.buffer().appendByte((byte) flag).appendInt(message.length).appendBytes(message);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] gzip(String text) throws Exception {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes(text));
    }
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1_000})
  void messagesAreTheSameHoweverTheBytesAreCut(int step) throws Exception {
    Buffer all =
        Buffer.buffer()
            .appendBuffer(frame(0, bytes("one")))
            .appendBuffer(frame(0, new byte[0]))
            .appendBuffer(frame(1, gzip("three")))
            .appendBuffer(frame(0, bytes("four")));
    for (int from = 0; from < all.length(); from += step) {
      reader.read(all.getBuffer(from, Math.min(all.length(), from + step)));
    }
    assertThat(read).containsExactly("one", "", "three", "four");
  }

  @Test
  void oneThatCannotBeInflatedIsToldInItsPlaceAndTheOthersGoOn() throws Exception {
    reader.read(
        Buffer.buffer()
            .appendBuffer(frame(0, bytes("before")))
            .appendBuffer(frame(1, bytes("no gzip")))
            .appendBuffer(frame(1, gzip("after"))));
    assertThat(read).containsExactly("before", "broken: " + ErrorCode.INVALID_ARGUMENT, "after");
  }

  @Test
  void oneThatInflatesBeyondTheLimitIsTold() throws Exception {
    reader.read(frame(1, gzip("n".repeat(1 << 10))));
    reader.read(frame(1, gzip("n".repeat((1 << 10) + 1))));
    assertThat(read).containsExactly("n".repeat(1 << 10), "broken: " + ErrorCode.PAYLOAD_TOO_LARGE);
  }
}
