package dev.millrace.gateway.server.proxy;

import dev.millrace.gateway.inspect.BodyTarget;
import dev.millrace.gateway.inspect.GrpcModelNameScanner;
import dev.millrace.gateway.routing.RequestTarget.GrpcCall;
import dev.millrace.gateway.routing.RequestTarget.GrpcMethod;
import dev.millrace.gateway.server.config.GatewayOptions;
import dev.millrace.gateway.server.exchange.ClientBody;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.GrpcAnswer;
import dev.millrace.gateway.server.exchange.MessageStream;
import dev.millrace.gateway.server.filter.DrainState;
import dev.millrace.gateway.server.upstream.UpstreamBody;
import dev.millrace.gateway.server.upstream.UpstreamRequest.Kind;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.ModelReadyResponse;
import io.vertx.core.buffer.Buffer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * gRPC calls to models: the first bytes of the first message name the model; they and all others go
 * on as they came.
 */
@Singleton
class GrpcHandler implements CallHandler {
  /** Names stand in the first few dozen bytes; this much is kept before we give up. */
  private static final int BOUND = 64 << 10;

  private static final int FRAME_HEADER = 5;
  private static final GrpcCall STREAM = new GrpcCall(GrpcMethod.MODEL_STREAM_INFER);

  private final CallRouter router;
  private final Forwarder forwarder;
  private final GrpcModelNameScanner scanner;
  private final DrainState drain;
  private final long largestMessage;

  @Inject
  GrpcHandler(CallRouter router, Forwarder forwarder, DrainState drain, GatewayOptions options) {
    this.router = router;
    this.forwarder = forwarder;
    this.drain = drain;
    this.scanner = new GrpcModelNameScanner(BOUND, options.maxBodySize());
    this.largestMessage = options.maxBodySize();
  }

  @Override
  public void handle(Exchange exchange) {
    long bound = isStream(exchange) ? Long.MAX_VALUE : largestMessage + FRAME_HEADER;
    new Search(exchange, new ClientBody(exchange, bound)).start();
  }

  private static boolean isStream(Exchange exchange) {
    return exchange.target().equals(STREAM);
  }

  /** Reads the beginning of one call's body until the name is found. */
  private final class Search {
    private final Exchange exchange;
    private final ClientBody body;
    private final @Nullable String encoding;
    private Buffer seen = Buffer.buffer(0);
    private boolean found;

    Search(Exchange exchange, ClientBody body) {
      this.exchange = exchange;
      this.body = body;
      this.encoding = exchange.request().getHeader("grpc-encoding");
    }

    void start() {
      body.exceptionHandler(exchange::fail)
          .endHandler(end -> look())
          .handler(
              chunk -> {
                seen = seen.length() == 0 ? chunk : seen.copy().appendBuffer(chunk);
                look();
              })
          .resume();
    }

    private void look() {
      if (found) {
        return;
      }
      if (body.ended() && seen.length() == 0 && isStream(exchange)) {
        found = true;
        GrpcAnswer.sendNothing(exchange);
        return;
      }
      try {
        var target =
            scanner.scan(
                prefix(), encoding, body.ended(), model -> router.keepsState(exchange, model));
        if (target.isPresent()) {
          found = true;
          body.pause();
          body.handler(null).endHandler(null).exceptionHandler(null);
          body.pushBack(seen);
          forward(target.get());
        }
      } catch (RuntimeException refused) {
        found = true;
        exchange.fail(refused);
      }
    }

    @SuppressWarnings("deprecation") // reading a Vert.x 4 buffer without copying it
    private ByteBuffer prefix() {
      return seen.getByteBuf().nioBuffer();
    }

    private void forward(BodyTarget target) {
      try {
        var route = router.route(exchange, target.model(), target.version(), target.sequence());
        if (isStream(exchange)) {
          forwardStream();
          return;
        }
        var deadline = router.deadline(exchange, route);
        var uri = exchange.path();
        body.announce(FRAME_HEADER + seen.getUnsignedInt(1));
        var bytes = new UpstreamBody.Streaming(body, -1);
        forwarder.forward(exchange, new Forwarder.Call(Kind.GRPC, uri, bytes, deadline));
      } catch (MillraceException refused) {
        if (refused.code() == ErrorCode.MODEL_NOT_READY
            && exchange.target().equals(new GrpcCall(GrpcMethod.MODEL_READY))) {
          // The protocol's way to say so: an answer, not a failure.
          GrpcAnswer.send(exchange, ModelReadyResponse.newBuilder().setReady(false).build());
          return;
        }
        throw refused;
      }
    }

    /** The stream stays on the replica to which its first message led. */
    private void forwardStream() {
      var messages = new MessageStream(exchange, body, largestMessage);
      Runnable end = () -> exchange.onLoop(() -> endEarly(messages));
      drain.whenDraining(end);
      exchange.whenOver(over -> drain.forget(end));
      var bytes = new UpstreamBody.Streaming(messages, -1);
      var deadline = router.streamDeadline(exchange);
      forwarder.forward(exchange, new Forwarder.Call(Kind.GRPC, exchange.path(), bytes, deadline));
    }

    /** What has come is answered; the client opens another stream, somewhere else. */
    private void endEarly(MessageStream messages) {
      exchange.endEarly(
          MillraceException.of(
                  ErrorCode.OVERLOADED,
                  "the gateway is shutting down; open the stream again for what is unanswered")
              .withDetail("reason", "draining")
              .withRetryAfter(Duration.ofSeconds(1)));
      messages.endAfterMessage();
    }
  }
}
