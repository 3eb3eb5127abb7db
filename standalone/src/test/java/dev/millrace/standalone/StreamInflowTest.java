package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Where a stream's messages are inflated, and that their order stays. */
class StreamInflowTest {
  private static final int LARGEST = 1 << 20;

  private final List<String> taken = new ArrayList<>();
  private final Queue<Runnable> workers = new ArrayDeque<>();
  private final Source source = new Source();
  private final Valve valve = new Valve(source);
  private final StreamInflow inflow =
      new StreamInflow("gzip", LARGEST, valve, this::later, new Taken());

  private Future<ByteBuffer> later(Callable<ByteBuffer> work) {
    Promise<ByteBuffer> promise = Promise.promise();
    workers.add(
        () -> {
          try {
            promise.complete(work.call());
          } catch (Exception failure) {
            promise.fail(failure);
          }
        });
    return promise.future();
  }

  private static Buffer plain(String text) {
    return frame(0, text.getBytes(StandardCharsets.UTF_8));
  }

  private static Buffer packed(String text) throws Exception {
    return frame(1, gzip(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] gzip(byte[] bytes) throws Exception {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static Buffer frame(int flag, byte[] message) {
    return Buffer.buffer().appendByte((byte) flag).appendInt(message.length).appendBytes(message);
  }

  private void workersWork() {
    for (Runnable work = workers.poll(); work != null; work = workers.poll()) {
      work.run();
    }
  }

  @Test
  void smallMessagesAreInflatedAtOnce() throws Exception {
    String most = "n".repeat(StreamInflow.SMALL);
    inflow.read(packed("one"));
    inflow.read(packed(most));
    inflow.read(plain("three"));
    inflow.end();
    assertThat(taken).containsExactly("one", most, "three", "end");
    assertThat(workers).isEmpty();
    assertThat(source.held).isFalse();
  }

  @Test
  void fewBytesThatAreManyAreInflatedElsewhere() throws Exception {
    String many = "n".repeat(StreamInflow.SMALL + 1);
    inflow.read(packed(many));
    assertThat(taken).isEmpty();
    assertThat(source.held).isTrue();
    workersWork();
    assertThat(taken).containsExactly(many);
    assertThat(source.held).isFalse();
  }

  @Test
  void manyCompressedBytesAreNotEvenTriedOnTheLoop() throws Exception {
    var noise = new byte[StreamInflow.SMALL + 1];
    new Random(1).nextBytes(noise);
    inflow.read(frame(1, noise));
    assertThat(taken).isEmpty();
    workersWork();
    assertThat(taken).containsExactly("broken INVALID_ARGUMENT");
  }

  @Test
  void whatComesBehindALargeOneWaits() throws Exception {
    String first = "a".repeat(StreamInflow.SMALL + 1);
    String second = "b".repeat(StreamInflow.SMALL + 1);
    inflow.read(
        Buffer.buffer()
            .appendBuffer(packed(first))
            .appendBuffer(plain("between"))
            .appendBuffer(packed(second))
            .appendBuffer(packed("behind")));
    inflow.end();
    assertThat(taken).isEmpty();
    workers.remove().run();
    assertThat(taken).containsExactly(first, "between");
    assertThat(source.held).isTrue();
    workersWork();
    assertThat(taken).containsExactly(first, "between", second, "behind", "end");
    assertThat(source.held).isFalse();
  }

  @Test
  void oneThatInflatesBeyondTheLimitIsToldInItsPlace() throws Exception {
    inflow.read(packed("before"));
    inflow.read(packed("n".repeat(LARGEST + 1)));
    inflow.read(packed("behind"));
    workersWork();
    assertThat(taken).containsExactly("before", "broken PAYLOAD_TOO_LARGE", "behind");
  }

  @Test
  void aFullWindowAndALargeMessageHoldTheStreamTogether() throws Exception {
    valve.hold();
    inflow.read(packed("n".repeat(StreamInflow.SMALL + 1)));
    workersWork();
    assertThat(source.held).isTrue();
    valve.release();
    assertThat(source.held).isFalse();
  }

  private final class Taken implements StreamInflow.Receiver {
    @Override
    public void onMessage(ByteBuffer message) {
      taken.add(StandardCharsets.UTF_8.decode(message).toString());
    }

    @Override
    public void onBrokenMessage(MillraceException why) {
      ErrorCode code = why.code();
      taken.add("broken " + code);
    }

    @Override
    public void onEnd() {
      taken.add("end");
    }
  }

  /** A stream that is told to wait and to go on. */
  private static final class Source implements ReadStream<Buffer> {
    boolean held;

    @Override
    public Source pause() {
      held = true;
      return this;
    }

    @Override
    public Source resume() {
      held = false;
      return this;
    }

    @Override
    public Source fetch(long amount) {
      return this;
    }

    @Override
    public Source handler(@Nullable Handler<Buffer> handler) {
      return this;
    }

    @Override
    public Source endHandler(@Nullable Handler<Void> handler) {
      return this;
    }

    @Override
    public Source exceptionHandler(@Nullable Handler<Throwable> handler) {
      return this;
    }
  }
}
