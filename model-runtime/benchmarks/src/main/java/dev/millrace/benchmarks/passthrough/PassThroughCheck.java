package dev.millrace.benchmarks.passthrough;

import dev.millrace.benchmarks.wire.GrpcTarget;
import dev.millrace.benchmarks.wire.ServerAddress;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether a way to {@link EchoService} passes everything on: large messages, errors with their
 * trailers, messages of a stream before its end, and that the client has gone.
 */
public final class PassThroughCheck {
  private static final long SEED = 1;
  private static final long PATIENCE_SECONDS = 20;

  /** vertx-grpc needs half a minute for 30 MiB: it copies what it has with every frame. */
  private static final long LARGE_PATIENCE_SECONDS = 120;

  private static final long POLL_MILLIS = 20;

  private final Channel channel;

  private PassThroughCheck(Channel channel) {
    this.channel = channel;
  }

  /**
   * Runs every check against a server; blocks.
   *
   * @param largeBytes length of a message that must come back unchanged
   * @return how long that message took
   * @throws IOException when one fails, saying what was not passed on
   */
  public static Duration run(ServerAddress address, int largeBytes)
      throws IOException, InterruptedException {
    var connection =
        Grpc.newChannelBuilder(address.grpc(), InsecureChannelCredentials.create())
            .maxInboundMessageSize(ProxyTransport.MAX_MESSAGE_BYTES)
            .build();
    try {
      var check = new PassThroughCheck(connection);
      check.errorWithTrailers();
      check.streamBeforeItsEnd();
      check.cancellation();
      return check.largeMessage(largeBytes);
    } catch (StatusRuntimeException e) {
      throw new IOException("a call that should have gone through ended with " + e.getStatus(), e);
    } finally {
      connection.shutdownNow();
      connection.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private Duration largeMessage(int bytes) throws IOException {
    var message = new byte[bytes];
    new Random(SEED).nextBytes(message);
    long start = System.nanoTime();
    var options = CallOptions.DEFAULT.withDeadlineAfter(LARGE_PATIENCE_SECONDS, TimeUnit.SECONDS);
    byte[] answer =
        ClientCalls.blockingUnaryCall(channel, GrpcTarget.MODEL_INFER, options, message);
    expect(Arrays.equals(answer, message), "a message of " + bytes + " bytes came back changed");
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private void errorWithTrailers() throws IOException {
    byte[] detail = {0, 1, 2, (byte) 0xff};
    try {
      ClientCalls.blockingUnaryCall(channel, EchoService.FAIL, patient(), detail);
    } catch (StatusRuntimeException e) {
      Status status = e.getStatus();
      expect(
          status.getCode() == EchoService.FAILURE.getCode()
              && String.valueOf(EchoService.FAILURE.getDescription())
                  .equals(status.getDescription()),
          "expected " + EchoService.FAILURE + ", got " + status);
      @Nullable Metadata trailers = e.getTrailers();
      expect(
          trailers != null
              && "crossed".equals(trailers.get(EchoService.DETAIL))
              && Arrays.equals(detail, trailers.get(EchoService.DETAIL_BYTES)),
          "the trailers of an error are missing or changed: " + trailers);
      return;
    }
    throw new IOException("a call that fails upstream was answered as if it had not");
  }

  private void streamBeforeItsEnd() throws IOException, InterruptedException {
    var answers = new LinkedBlockingQueue<String>();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(EchoService.STREAM, patient()), new Answers(answers));
    for (int number = 1; number <= 3; number++) {
      requests.onNext(new byte[number]);
      String answer = String.valueOf(answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
      expect(answer.equals("message " + number), "message " + number + ": got " + answer);
    }
    requests.onCompleted();
    String end = String.valueOf(answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
    expect(end.equals("end"), "the end of a stream: got " + end);
  }

  private void cancellation() throws IOException, InterruptedException {
    int before = cancelled();
    ClientCall<byte[], byte[]> call = channel.newCall(EchoService.HANG, patient());
    ClientCalls.asyncUnaryCall(call, new byte[1], new Answers(new LinkedBlockingQueue<>()));
    // A call that never left would be cancelled without the upstream: let it arrive.
    TimeUnit.MILLISECONDS.sleep(POLL_MILLIS * 10);
    call.cancel("not wanted any more", null);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (cancelled() == before) {
      expect(System.nanoTime() - deadline < 0, "a cancelled call did not reach the upstream");
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  private int cancelled() {
    byte[] count =
        ClientCalls.blockingUnaryCall(channel, EchoService.CANCELLED, patient(), new byte[0]);
    return ByteBuffer.wrap(count).getInt();
  }

  private static CallOptions patient() {
    return CallOptions.DEFAULT.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static void expect(boolean holds, String otherwise) throws IOException {
    if (!holds) {
      throw new IOException(otherwise);
    }
  }

  /** Says in words what comes. */
  private record Answers(LinkedBlockingQueue<String> said) implements StreamObserver<byte[]> {
    @Override
    public void onNext(byte[] message) {
      said.add("message " + message.length);
    }

    @Override
    public void onError(Throwable failure) {
      said.add("error " + failure);
    }

    @Override
    public void onCompleted() {
      said.add("end");
    }
  }
}
