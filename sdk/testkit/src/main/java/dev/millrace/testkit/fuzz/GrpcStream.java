package dev.millrace.testkit.fuzz;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.grpc.ModelStreamInferResponse;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.testkit.fuzz.FuzzStream.Message;
import dev.millrace.testkit.oip.ByteMarshaller;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends one stream, takes what comes back and judges. The protocol answers a stream message by
 * message, in their order, and goes on after an error; only when its first message leads nowhere,
 * or its caller wants that, may a stream end with a status.
 */
final class GrpcStream extends ClientCall.Listener<byte[]> {
  private static final MethodDescriptor<byte[], byte[]> STREAM =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
          .setFullMethodName(
              GRPCInferenceServiceGrpc.getModelStreamInferMethod().getFullMethodName())
          .setRequestMarshaller(new ByteMarshaller())
          .setResponseMarshaller(new ByteMarshaller())
          .build();

  private static final Metadata.Key<String> ERRORS_END_IT =
      Metadata.Key.of("triton_grpc_error", Metadata.ASCII_STRING_MARSHALLER);

  /** How a message is told, without a code, that the server failed. */
  private static final List<String> FORBIDDEN =
      List.of("quote the request id", "quote request id", "queue is full", "being unloaded");

  private final FuzzStream stream;
  private final int hangSeconds;
  private final List<byte[]> answers = new CopyOnWriteArrayList<>();
  private final CountDownLatch enough;
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile Status end = Status.OK;
  private volatile Metadata trailers = new Metadata();

  GrpcStream(FuzzStream stream, int hangSeconds) {
    this.stream = stream;
    this.hangSeconds = hangSeconds;
    this.enough = new CountDownLatch(Math.max(0, stream.cancelledAfter()));
  }

  /** Sends and judges; once. */
  Outcome send(Channel channel) throws InterruptedException {
    var options = CallOptions.DEFAULT.withDeadlineAfter(hangSeconds, TimeUnit.SECONDS);
    ClientCall<byte[], byte[]> call =
        channel.newCall(
            STREAM,
            stream.encoding().isEmpty() ? options : options.withCompression(stream.encoding()));
    var headers = new Metadata();
    if (stream.errorsEndIt()) {
      headers.put(ERRORS_END_IT, "true");
    }
    call.start(this, headers);
    // One more than are due, to see whether it comes.
    call.request(stream.messages().size() + 1);
    for (Message message : stream.messages()) {
      call.setMessageCompression(message.compressed());
      call.sendMessage(message.sent());
    }
    if (!stream.cancelled()) {
      call.halfClose();
    } else if (enough.await(hangSeconds + 1L, TimeUnit.SECONDS)) {
      call.cancel("the client goes away", null);
    }
    if (!over.await(hangSeconds + 1L, TimeUnit.SECONDS)) {
      call.cancel("no end", null);
      return Outcome.wrong("the stream does not end");
    }
    return judge();
  }

  @Override
  public void onMessage(byte[] message) {
    answers.add(message);
    enough.countDown();
  }

  @Override
  public void onClose(Status status, Metadata last) {
    end = status;
    trailers = last;
    over.countDown();
    while (enough.getCount() > 0) {
      enough.countDown();
    }
  }

  private Outcome judge() {
    String wrong = wrongAnswers();
    if (wrong != null) {
      return Outcome.wrong(wrong);
    }
    if (stream.cancelled() && end.getCode() == Status.Code.CANCELLED) {
      return Outcome.of("CANCELLED");
    }
    if (end.isOk()) {
      return answers.size() == stream.messages().size()
          ? Outcome.of("OK")
          : Outcome.wrong(answers.size() + " answers to " + stream.messages().size() + " messages");
    }
    Outcome outcome = GrpcWire.judge(end, trailers);
    boolean mayEnd = stream.errorsEndIt() || !stream.opensWell();
    return mayEnd || !outcome.problem().isEmpty()
        ? outcome
        : Outcome.wrong("ended with " + end + " and not by its first message");
  }

  private @Nullable String wrongAnswers() {
    if (answers.size() > stream.messages().size()) {
      return "more answers than messages";
    }
    for (int i = 0; i < answers.size(); i++) {
      String wrong = wrong(stream.messages().get(i), answers.get(i));
      if (wrong != null) {
        return "answer " + i + " " + wrong;
      }
    }
    return null;
  }

  private @Nullable String wrong(Message message, byte[] bytes) {
    ModelStreamInferResponse answer;
    try {
      answer = ModelStreamInferResponse.parseFrom(bytes);
    } catch (InvalidProtocolBufferException unreadable) {
      return "is no answer: " + unreadable.getMessage();
    }
    String error = answer.getErrorMessage();
    if (FORBIDDEN.stream().anyMatch(error::contains)) {
      return "is a failure: " + error;
    }
    if (stream.errorsEndIt() && !error.isEmpty()) {
      return "is an error that should have ended the stream: " + error;
    }
    float[] right = message.right();
    if (right == null || !stream.opensWell()) {
      return null;
    }
    if (!error.isEmpty()) {
      return "refuses a good message: " + error;
    }
    String id = answer.getInferResponse().getId();
    if (!id.equals(message.id())) {
      return "is that to '" + id + "' (expected: '" + message.id() + "')";
    }
    var outputs = GrpcInferCodec.decodeResponse(answer.getInferResponse()).outputs();
    return Arrays.equals(Tensors.floatArray(outputs.get(0)), right) ? null : "is wrong";
  }
}
