package dev.millrace.runtime.server.body;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.runtime.engine.DirectMemoryPool;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BinaryBodyTest {
  private final DirectMemoryPool pool = new DirectMemoryPool(64 << 20);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 100, 127, 128})
  void whatFollowsTheJsonPartIsAligned(int jsonLength) {
    var body = new BinaryBody(pool, 200_000, jsonLength);
    body.add(Unpooled.wrappedBuffer(new byte[200_000]));

    ByteBuffer bytes = body.bytes();
    assertThat(bytes.remaining()).isEqualTo(200_000);
    assertThat(bytes.isDirect()).isTrue();
    assertThat(bytes.alignmentOffset(jsonLength, 8)).isZero();
  }

  @ParameterizedTest
  @CsvSource({"70000,70000", "5000000,5000000", "100000,3000000"})
  void chunksOfAnyLengthComeTogetherWhateverWasAnnounced(int announced, int length) {
    byte[] sent = new byte[length];
    var random = new Random(length);
    random.nextBytes(sent);
    var body = new BinaryBody(pool, announced, 33);
    for (int at = 0; at < length; ) {
      int chunk = Math.min(length - at, 1 + random.nextInt(65_536));
      body.add(Unpooled.wrappedBuffer(sent, at, chunk));
      at += chunk;
    }

    assertThat(body.size()).isEqualTo(length);
    byte[] got = new byte[length];
    body.bytes().get(got);
    assertThat(got).isEqualTo(sent);
    body.end(true);
    assertThat(pool.outstandingBytes()).as("grown blocks are given back too").isZero();
  }

  @Test
  void anAnnouncementAloneGetsLittleMemory() {
    var _ = new BinaryBody(pool, 60 << 20, 100);

    assertThat(pool.outstandingBytes()).isLessThanOrEqualTo(2 << 20);
  }

  @Test
  void memoryThatARunMayStillReadServesNobody() {
    var body = new BinaryBody(pool, 100_000, 0);

    body.end(false);
    body.end(true);

    assertThat(pool.outstandingBytes()).isZero();
    assertThat(pool.retainedBytes()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "100000, 50, , true",
    "100000, 50, identity, true",
    "100000, 50, gzip, false",
    "100000, , , false",
    "100000, 100001, , false",
    "100000, -1, , false",
    "100000, many, , false",
    "65536, 50, , false",
    "-1, 50, , false"
  })
  void onlyLargePlainBinaryBodiesArePooled(
      long announced, String jsonLength, String encoding, boolean pooled) {
    assertThat(
            new BodyMemory(new SimpleMeterRegistry()).forBody(announced, jsonLength, encoding)
                != null)
        .isEqualTo(pooled);
  }
}
