package dev.millrace.runtime.server.http;

import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.http.RequestIds;
import dev.millrace.runtime.server.body.BinaryBody;
import dev.millrace.runtime.server.body.BodyMemory;
import dev.millrace.runtime.server.oip.CallContext;
import dev.millrace.runtime.server.oip.Cancellation;
import dev.millrace.runtime.server.oip.ClusterToken;
import dev.millrace.runtime.server.oip.OipCall;
import dev.millrace.runtime.server.oip.OipHttpHandler;
import dev.millrace.runtime.server.oip.OipReply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP call: collects the body up to the limit, hands it over, writes the reply. Lives on the
 * request's event loop and is used by it alone.
 */
final class HttpExchange {
  private static final Logger LOG = Logger.getLogger(HttpExchange.class);
  private static final String ANONYMOUS_PREFIX = "/v2/health/";

  private final HttpServerRequest request;
  private final OipHttpHandler handler;
  private final ClusterToken token;
  private final int maxBodyBytes;
  private final String path;
  private final Context eventLoop;
  private final long arrivalNanos = System.nanoTime();
  private final Cancellation cancellation = new Cancellation();
  private final Map<String, String> headers = new HashMap<>();
  private final BodyMemory bodies;
  private @Nullable BinaryBody binary;
  private Buffer body = Buffer.buffer();
  private boolean dispatched;
  private boolean answered;

  HttpExchange(
      HttpServerRequest request,
      OipHttpHandler handler,
      ClusterToken token,
      BodyMemory bodies,
      int maxBodyBytes) {
    this.request = request;
    this.path = Objects.requireNonNullElse(request.path(), "");
    this.eventLoop = Objects.requireNonNull(Vertx.currentContext(), "not on an event loop");
    this.handler = handler;
    this.token = token;
    this.bodies = bodies;
    this.maxBodyBytes = maxBodyBytes;
  }

  void start() {
    request
        .headers()
        .forEach((name, value) -> headers.putIfAbsent(name.toLowerCase(Locale.ROOT), value));
    request.response().closeHandler(_ -> breakOff());
    request.response().exceptionHandler(_ -> breakOff());
    request.exceptionHandler(_ -> breakOff());
    try {
      if (!path.startsWith(ANONYMOUS_PREFIX)) {
        token.check(headers.get(MillraceHeaders.INTERNAL_TOKEN));
      }
      if (announcedLength() > maxBodyBytes) {
        refuse(handler.tooLarge());
        return;
      }
    } catch (MillraceException refused) {
      refuse(refused);
      return;
    }
    binary =
        bodies.forBody(
            announcedLength(),
            headers.get(MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH),
            headers.get("content-encoding"));
    request.handler(this::collect);
    request.endHandler(_ -> dispatch());
    // An HTTP/2 request arrives paused: without this its body never comes.
    request.resume();
  }

  private void collect(Buffer chunk) {
    if (answered) {
      return;
    }
    int come = binary == null ? body.length() : binary.size();
    if (come + (long) chunk.length() > maxBodyBytes) {
      body = Buffer.buffer();
      BinaryBody.end(binary, true);
      refuse(handler.tooLarge());
    } else if (binary != null) {
      binary.add(chunk.getByteBuf());
    } else {
      body.appendBuffer(chunk);
    }
  }

  /** A body that breaks off is read by nobody; after it was handed over the call looks after it. */
  private void breakOff() {
    if (!dispatched && !answered) {
      answered = true;
      BinaryBody.end(binary, true);
    }
    cancellation.cancel();
  }

  private void dispatch() {
    if (answered) {
      return;
    }
    dispatched = true;
    CallContext context;
    try {
      context = CallContext.read(headers::get, arrivalNanos, cancellation);
    } catch (MillraceException malformed) {
      BinaryBody.end(binary, true);
      refuse(malformed);
      return;
    }
    ByteBuffer bytes = binary == null ? body.getByteBuf().nioBuffer() : binary.bytes();
    OipCall call =
        new OipCall(request.method().name(), path, Map.copyOf(headers), bytes, context, binary);
    handler
        .handle(call)
        .whenComplete(
            (reply, failure) -> {
              // For calls that end before an inference: that one says so itself, and says more.
              BinaryBody.end(binary, false);
              if (failure != null) {
                LOG.errorf(failure, "requestId=%s: the handler failed", context.requestId());
              } else {
                eventLoop.runOnContext(_ -> write(reply));
              }
            });
  }

  /** Answers before the body was read: the rest of a long one is not worth waiting for. */
  private void refuse(MillraceException failure) {
    String requestId = RequestIds.orNew(headers.get(MillraceHeaders.REQUEST_ID));
    boolean unread = !request.isEnded();
    HttpServerResponse response = request.response();
    if (unread && request.version().ordinal() <= 1) {
      response.putHeader(HttpHeaders.CONNECTION, "close");
    }
    write(handler.refusal(path, failure, requestId));
    request.resume();
  }

  private void write(OipReply reply) {
    HttpServerResponse response = request.response();
    if (answered || response.ended() || response.closed()) {
      reply.close();
      return;
    }
    answered = true;
    response.setStatusCode(reply.status());
    reply.headers().forEach(response::putHeader);
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(reply.size()));
    if (request.method() == HttpMethod.HEAD) {
      reply.close();
      response.end();
    } else {
      response.end(Buffer.buffer(wrapped(reply))).onComplete(_ -> reply.close());
    }
  }

  private static ByteBuf wrapped(OipReply reply) {
    return Unpooled.wrappedBuffer(
        Math.max(1, reply.body().size()), reply.body().toArray(ByteBuffer[]::new));
  }

  private long announcedLength() {
    @Nullable String length = headers.get("content-length");
    try {
      return length == null ? 0 : Long.parseLong(length.strip());
    } catch (NumberFormatException notANumber) {
      return 0;
    }
  }
}
