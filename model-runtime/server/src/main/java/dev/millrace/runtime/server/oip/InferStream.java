package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One {@code ModelStreamInfer} call. Messages are computed side by side, as many as the window
 * allows, and answered in the order they came. A message that fails is answered by its error and
 * the stream goes on, unless the caller asked for the other way.
 *
 * <p>Thread-safe, for a transport that hands the messages over one after another. Nothing blocks.
 */
public final class InferStream {
  /** Messages that may be on their way at once; a transport lets in so many before any answer. */
  public static final int WINDOW = 32;

  private final InferenceFlow flow;
  private final CallContext context;
  private final boolean errorsEndIt;
  private final Transport transport;
  private final AtomicReference<@Nullable String> alias = new AtomicReference<>();

  private final Object lock = new Object();
  private final Queue<Turn> turns = new ArrayDeque<>();
  private boolean halfClosed;
  private boolean over;

  InferStream(InferenceFlow flow, CallContext context, boolean errorsEndIt, Transport transport) {
    this.flow = flow;
    this.context = context;
    this.errorsEndIt = errorsEndIt;
    this.transport = transport;
  }

  /**
   * The other end of the stream. Called from any thread, never from two at once; must not block.
   */
  public interface Transport extends Executor {
    /** Sends one message and closes the reply when its bytes are no longer needed. */
    void send(GrpcReply reply);

    /** A message has been answered: one more may come. */
    void more();

    /**
     * Ends the stream; nothing is sent after it.
     *
     * @param failure null when all went well
     */
    void end(@Nullable MillraceException failure);
  }

  /** One message on its way. */
  private static final class Turn {
    final Cancellation cancellation = new Cancellation();
    volatile String id = "";
    @Nullable GrpcReply reply;
    @Nullable MillraceException failure;

    boolean isDone() {
      return reply != null || failure != null;
    }
  }

  /**
   * A message has come.
   *
   * @param message encoded, without framing; must stay unchanged until it is answered
   */
  public void onMessage(ByteBuffer message) {
    var turn = new Turn();
    synchronized (lock) {
      if (over) {
        return;
      }
      turns.add(turn);
    }
    CompletionStage<GrpcReply> reply;
    try {
      reply = answer(message, turn);
    } catch (RuntimeException failure) {
      reply = CompletableFuture.failedFuture(failure);
    }
    var _ = reply.whenComplete((answer, failure) -> settle(turn, answer, failure));
  }

  /** A message has come that is not valid in the stream's encoding, or too long once inflated. */
  public void onBrokenMessage(MillraceException why) {
    var turn = new Turn();
    synchronized (lock) {
      if (!over) {
        turns.add(turn);
        turn.failure = why;
        drain();
      }
    }
  }

  /** No more messages come; the stream ends when the last one is answered. */
  public void onHalfClose() {
    synchronized (lock) {
      halfClosed = true;
      drain();
    }
  }

  /** The caller went away: what is on its way is given up. */
  public void onCancel() {
    synchronized (lock) {
      over = true;
      giveUp();
    }
  }

  private CompletionStage<GrpcReply> answer(ByteBuffer message, Turn turn) {
    var own =
        new CallContext(
            context.requestId(),
            context.target(),
            context.endpoint(),
            context.deadlineNanos(),
            context.caller(),
            context.traceparent(),
            turn.cancellation);
    return flow.run(own, context.endpoint(), message.remaining(), new Ends(message, turn));
  }

  /** How one message is read and answered. */
  private final class Ends implements InferenceFlow.Codec<GrpcReply> {
    private final ByteBuffer message;
    private final Turn turn;

    Ends(ByteBuffer message, Turn turn) {
      this.message = message;
      this.turn = turn;
    }

    @Override
    public InferRequest decode(TensorMemory memory) {
      int start = message.position();
      InferRequest request;
      try {
        request = GrpcInferCodec.decodeRequest(message);
      } catch (MillraceException refused) {
        // Its error is told by its id too, where the message is one at all.
        turn.id = GrpcInferCodec.parse(message.duplicate().position(start)).getId();
        throw refused;
      }
      turn.id = request.id();
      checkModel(request);
      return request;
    }

    @Override
    public GrpcReply encode(InferenceFlow.Computed computed) {
      return StreamMessages.answer(computed);
    }

    @Override
    public long size(GrpcReply reply) {
      return reply.size();
    }

    @Override
    public @Nullable GrpcReply refusal(MillraceException failure) {
      return null;
    }

    @Override
    public Executor answering() {
      return transport;
    }
  }

  /** The first message has fixed endpoint and version: the stream went to a replica of those. */
  private void checkModel(InferRequest request) {
    String endpoint = context.endpoint();
    if (!endpoint.isEmpty() && !request.modelName().equals(endpoint)) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "model_name: '%s' (expected: '%s', which the stream's first message named; open another"
              + " stream for another model)",
          request.modelName(),
          endpoint);
    }
    String version = request.modelVersion();
    String fixed = Integer.toString(context.requireTarget().version());
    if (version.isEmpty() || version.equals(fixed)) {
      return;
    }
    alias.compareAndSet(null, version);
    String first = alias.get();
    boolean number = version.chars().allMatch(c -> c >= '0' && c <= '9');
    if (number || !version.equals(first)) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "model_version: '%s' (expected: %s, to which the stream's first message led)",
          version,
          fixed);
    }
  }

  private void settle(Turn turn, @Nullable GrpcReply reply, @Nullable Throwable failure) {
    synchronized (lock) {
      if (over) {
        if (reply != null) {
          reply.close();
        }
        return;
      }
      turn.reply = reply;
      turn.failure = failure == null ? null : Failures.of(failure, context.requestId());
      drain();
    }
  }

  /** Sends what is ready and next in line. Under the lock; may be entered again from within. */
  private void drain() {
    Turn head = turns.peek();
    while (!over && head != null && head.isDone()) {
      turns.remove();
      MillraceException failure = head.failure;
      if (failure != null && errorsEndIt) {
        over = true;
        transport.end(failure);
        giveUp();
        return;
      }
      transport.send(failure == null ? replyOf(head) : StreamMessages.error(failure, head.id));
      transport.more();
      head = turns.peek();
    }
    if (!over && halfClosed && turns.isEmpty()) {
      over = true;
      transport.end(null);
    }
  }

  private static GrpcReply replyOf(Turn turn) {
    GrpcReply reply = turn.reply;
    if (reply == null) {
      throw new IllegalStateException("a turn is done without reply and failure");
    }
    return reply;
  }

  private void giveUp() {
    for (Turn turn : turns) {
      turn.cancellation.cancel();
      if (turn.reply != null) {
        turn.reply.close();
      }
    }
    turns.clear();
  }
}
