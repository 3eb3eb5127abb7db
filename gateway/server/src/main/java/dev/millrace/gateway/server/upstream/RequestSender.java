package dev.millrace.gateway.server.upstream;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;

/**
 * Sends a request with its body over a connection. A body that breaks off (the client is gone, or
 * it is over a limit) resets the request: Vert.x's own {@code send} would end it as if it were
 * whole.
 */
public final class RequestSender {
  /** HTTP/2 error code CANCEL. For HTTP/1.1 the connection is closed, which tells the same. */
  private static final long CANCEL = 0x8;

  private RequestSender() {}

  /**
   * Sends; the request's headers are set.
   *
   * @return the answer's head; fails with what the body failed with
   */
  public static Future<HttpClientResponse> send(
      HttpClientRequest call, UpstreamBody body, CancelSignal cancelSignal) {
    // Whoever waits for the answer hears of it; without a handler Vert.x logs each reset as an
    // error.
    call.exceptionHandler(broken -> {});
    cancelSignal.onCancel(() -> call.reset(CANCEL));
    if (cancelSignal.isCancelled()) {
      return Future.failedFuture("cancelled before it was sent");
    }
    return switch (body) {
      case UpstreamBody.Whole whole -> call.send(whole.bytes());
      case UpstreamBody.Streaming streaming -> stream(call, streaming);
    };
  }

  private static Future<HttpClientResponse> stream(
      HttpClientRequest call, UpstreamBody.Streaming body) {
    if (!call.isChunked() && !call.headers().contains("content-length")) {
      // For HTTP/2 too, where it only means that the length is not known.
      call.setChunked(true);
    }
    Promise<HttpClientResponse> answer = Promise.promise();
    call.response().onSuccess(answer::tryComplete).onFailure(answer::tryFail);
    body.stream()
        .pipe()
        .endOnFailure(false)
        .to(call)
        .onFailure(
            broken -> {
              answer.tryFail(broken);
              call.reset(CANCEL, broken);
            });
    return answer.future();
  }
}
