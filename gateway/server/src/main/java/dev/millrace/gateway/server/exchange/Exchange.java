package dev.millrace.gateway.server.exchange;

import dev.millrace.gateway.identity.Identity;
import dev.millrace.gateway.routing.RequestTarget;
import dev.millrace.gateway.routing.Route;
import dev.millrace.gateway.server.upstream.CancelSignal;
import dev.millrace.process.trace.CallSpan;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.impl.ContextInternal;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One call while it is in the gateway. Filters add what they find out; one handler answers; it is
 * over when the answer is written or the client is gone.
 *
 * <p>Confined to the event loop of the client's connection; {@link #onLoop} brings others there.
 * Answered at most once: a failure after the answer's head is on the wire breaks the stream, so
 * that the client never takes half an answer for a whole one.
 */
public final class Exchange {
  private static final Logger LOG = Logger.getLogger(Exchange.class);

  /** HTTP/2 error code INTERNAL_ERROR, for an answer that breaks off. */
  private static final long BROKEN_OFF = 0x2;

  private final RoutingContext context;
  private final ContextInternal loop;
  private final long startNanos = System.nanoTime();
  private final CancelSignal cancelSignal = new CancelSignal();
  private final List<Consumer<Exchange>> whenOver = new ArrayList<>(4);
  private final Protocol protocol;

  private RequestTarget target = new RequestTarget.Unknown();
  private String requestId = "";
  private @Nullable Identity identity;
  private @Nullable Route route;
  private @Nullable MillraceException endsEarly;
  private @Nullable MillraceException failure;
  private @Nullable String grpcStatus;
  private @Nullable CallSpan span;
  private @Nullable AnswerCompression compression;
  private long requestBytes;
  private long responseBytes;
  private boolean answered;
  private boolean closing;
  private boolean continued;
  private boolean over;
  private boolean abandoned;

  /** A call that has just arrived; called on its event loop. */
  public Exchange(RoutingContext context, Protocol protocol) {
    this.context = context;
    this.loop = (ContextInternal) context.vertx().getOrCreateContext();
    this.protocol = protocol;
    // HTTP/2 may report a stream as closed before it reports the end that closed it.
    context.addEndHandler(end -> end(end.succeeded() || response().ended()));
  }

  /** The call as Vert.x sees it. */
  public RoutingContext context() {
    return context;
  }

  /** The client's side of the call. */
  public HttpServerRequest request() {
    return context.request();
  }

  /** The path as it was sent, without the query. */
  public String path() {
    return Objects.requireNonNullElse(request().path(), "/");
  }

  /** The answer. */
  public HttpServerResponse response() {
    return context.response();
  }

  /** What the caller speaks. */
  public Protocol protocol() {
    return protocol;
  }

  /** What the call addresses. */
  public RequestTarget target() {
    return target;
  }

  /** Tells what the call addresses. */
  public void target(RequestTarget recognised) {
    this.target = recognised;
  }

  /** The id under which the call is logged. */
  public String requestId() {
    return requestId;
  }

  /** Tells the id. */
  public void requestId(String id) {
    this.requestId = id;
  }

  /** Who calls; fails the call as UNAUTHENTICATED where nobody asked. */
  public Identity identity() {
    var known = identity;
    if (known == null) {
      throw MillraceException.of(ErrorCode.UNAUTHENTICATED, "no credential");
    }
    return known;
  }

  /** Who calls; null before, or without, authentication. */
  public @Nullable Identity identityIfKnown() {
    return identity;
  }

  /** Tells who calls. */
  public void identity(Identity caller) {
    this.identity = caller;
  }

  /** Where the call goes; null before it is routed, and for calls that are not. */
  public @Nullable Route route() {
    return route;
  }

  /** Tells where the call goes. */
  public void route(Route chosen) {
    this.route = chosen;
  }

  /** Fires when nobody waits for the answer any more. */
  public CancelSignal cancelSignal() {
    return cancelSignal;
  }

  /** When the call arrived, on the scale of {@link System#nanoTime()}. */
  public long startNanos() {
    return startNanos;
  }

  /** Bytes of the body that came. */
  public long requestBytes() {
    return requestBytes;
  }

  /** Counts bytes of the body that came. */
  public void countRequest(int bytes) {
    requestBytes += bytes;
  }

  /** Bytes of the answer's body. */
  public long responseBytes() {
    return responseBytes;
  }

  /** Counts bytes of the answer's body. */
  public void countResponse(int bytes) {
    responseBytes += bytes;
  }

  /** Why the gateway itself refused or failed the call; null when it did not. */
  public @Nullable MillraceException failure() {
    return failure;
  }

  /** Tells the gRPC status that the upstream ended with. */
  public void grpcStatus(String status) {
    this.grpcStatus = status;
  }

  /** The gRPC status that the upstream ended with; null when it did not come to that. */
  public @Nullable String grpcStatus() {
    return grpcStatus;
  }

  /** The call's span; null for a call that is not traced. */
  public @Nullable CallSpan span() {
    return span;
  }

  /** Tells the call's span. */
  public void span(CallSpan begun) {
    this.span = begun;
  }

  /** How answers of models may be compressed; null when they may not. */
  @Nullable AnswerCompression compression() {
    return compression;
  }

  /** Tells how. */
  public void compression(AnswerCompression accepted) {
    this.compression = accepted;
  }

  /** Whether the client went away before it had its answer. */
  public boolean abandoned() {
    return abandoned;
  }

  /** Whether an answer has begun. */
  public boolean answered() {
    return answered;
  }

  /**
   * Whether the client waits for {@code 100 Continue} before it sends its body. It gets that when
   * somebody wants the body, and a refusal instead when nobody does.
   */
  public boolean awaitsContinue() {
    return !continued && "100-continue".equalsIgnoreCase(request().getHeader(HttpHeaders.EXPECT));
  }

  /** Asks for the body that a client holds back. */
  public void sendContinue() {
    if (!continued && !response().headWritten()) {
      continued = true;
      response().writeContinue();
    }
  }

  /** The connection is closed after this answer. */
  public void closeAfterwards() {
    closing = true;
  }

  /** Why the gateway lets the call end before the client wanted it; null when it does not. */
  public @Nullable MillraceException endsEarly() {
    return endsEarly;
  }

  /** The call ends with {@code why} instead of the status that the upstream gives it. */
  public void endEarly(MillraceException why) {
    endsEarly = why;
  }

  /** Claims the answer; false when it has begun already or the client is gone. */
  public boolean beginAnswer() {
    if (answered || over || response().closed()) {
      return false;
    }
    answered = true;
    if (closing) {
      LingeringClose.announce(this);
    }
    return true;
  }

  /** Like {@link #beginAnswer}, for an answer that does not need the rest of the request. */
  private boolean beginEarlyAnswer() {
    if (!request().isEnded() && !closing && LingeringClose.isTooLargeToDrain(this)) {
      closing = true;
    }
    return beginAnswer();
  }

  /**
   * Prepares for an answer that somebody else writes: when it comes before a large body, or instead
   * of one that is held back, the connection ends with it.
   */
  public void closeIfAnsweredEarly() {
    context.addHeadersEndHandler(
        head -> {
          if (!closing && !request().isEnded() && LingeringClose.isTooLargeToDrain(this)) {
            closing = true;
            LingeringClose.announce(this);
          }
        });
  }

  /** Answers with a body in memory. */
  public void answer(int status, String contentType, Buffer body) {
    if (beginEarlyAnswer()) {
      response().setStatusCode(status).putHeader("content-type", contentType);
      write(body);
    }
  }

  /** Answers with a status alone. */
  public void answerEmpty(int status) {
    if (beginEarlyAnswer()) {
      response().setStatusCode(status);
      write(Buffer.buffer(0));
    }
  }

  /** Answers with a failure in the caller's own form; an unknown one becomes INTERNAL. */
  public void fail(Throwable cause) {
    if (over || response().ended()) {
      return;
    }
    var known =
        cause instanceof MillraceException millrace ? millrace : unexpected(requestId, cause);
    failure = known;
    if (answered) {
      endInTheMiddle(known);
      return;
    }
    if (beginEarlyAnswer()) {
      write(ErrorAnswer.prepare(this, known));
    }
  }

  /** gRPC has a place for a late failure; HTTP can only break off. */
  private void endInTheMiddle(MillraceException late) {
    if (protocol == Protocol.GRPC) {
      ErrorAnswer.putTrailers(this, late);
      response().end().onFailure(ignored -> {});
    } else if (!response().reset(BROKEN_OFF)) {
      request().connection().close().onFailure(ignored -> {});
    }
  }

  /** Runs {@code action} when the call is over, however it ended; at once when it is. */
  public void whenOver(Consumer<Exchange> action) {
    if (over) {
      action.accept(this);
    } else {
      whenOver.add(action);
    }
  }

  /** Runs {@code action} on the call's event loop; at once when already there. */
  public void onLoop(Runnable action) {
    if (loop.inThread()) {
      action.run();
    } else {
      loop.runOnContext(ignored -> action.run());
    }
  }

  /** Whether the connection carries one call at a time. */
  public boolean isHttp1() {
    return request().version() != HttpVersion.HTTP_2;
  }

  private void write(Buffer body) {
    LingeringClose.discardRest(this);
    countResponse(body.length());
    (body.length() == 0 ? response().end() : response().end(body)).onFailure(ignored -> {});
  }

  /**
   * The client broke its request off: nobody reads an answer. None may be written either: on a
   * stream that was reset that is an error of the whole connection, which all its calls share.
   */
  void abandon() {
    end(false);
  }

  private void end(boolean delivered) {
    if (over) {
      return;
    }
    over = true;
    abandoned = !delivered;
    if (delivered) {
      LingeringClose.discardRest(this);
    } else {
      cancelSignal.cancel();
    }
    whenOver.forEach(action -> action.accept(this));
  }

  private static MillraceException unexpected(String requestId, Throwable cause) {
    LOG.errorf(cause, "unexpected failure, requestId=%s", requestId);
    return MillraceException.of(
        ErrorCode.INTERNAL, "internal error (quote the request id %s)", requestId);
  }
}
