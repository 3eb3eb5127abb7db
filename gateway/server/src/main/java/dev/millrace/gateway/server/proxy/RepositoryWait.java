package dev.millrace.gateway.server.proxy;

import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.follow.SnapshotLifecycle;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.RepositoryChange;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Waits until this gateway sees that a model was loaded or unloaded: it looks at the current view
 * every few milliseconds, on the call's event loop, for a bounded time. Confined to that loop.
 */
final class RepositoryWait {
  private static final long LOOK_MILLIS = 20;
  private static final Duration LOAD = Duration.ofSeconds(60);
  private static final Duration UNLOAD = Duration.ofSeconds(10);

  /** A caller with a limit of its own is told why before it hangs up. */
  private static final long MOST_MARGIN_MILLIS = 500;

  private final Exchange exchange;
  private final SnapshotLifecycle snapshots;
  private final RepositoryChange change;
  private final Supplier<Future<?>> askAgain;
  private final long endNanos;
  private final Promise<Void> outcome = Promise.promise();
  private long revision;
  private boolean askedAgain;

  /**
   * A wait that has not begun; how long it may be is counted from the call's arrival.
   *
   * @param change what is about to be asked of the registry
   * @param askAgain asks the registry once more, which tells why a version was rejected
   * @throws MillraceException INVALID_ARGUMENT for a limit of the caller's that is none
   */
  RepositoryWait(
      Exchange exchange,
      SnapshotLifecycle snapshots,
      RepositoryChange change,
      Supplier<Future<?>> askAgain) {
    this.exchange = exchange;
    this.snapshots = snapshots;
    this.change = change;
    this.askAgain = askAgain;
    this.endNanos = exchange.startNanos() + patience(exchange, change).toNanos();
  }

  private static Duration patience(Exchange exchange, RepositoryChange change) {
    var most = change.loaded() ? LOAD : UNLOAD;
    return CallRouter.callersOwn(exchange)
        .map(Duration::toMillis)
        .map(limit -> limit - Math.min(MOST_MARGIN_MILLIS, limit / 10))
        .map(Duration::ofMillis)
        .filter(own -> own.compareTo(most) < 0)
        .orElse(most);
  }

  /**
   * Begins, on the event loop.
   *
   * @param made what the registry made of the change
   * @return completes there: well, or with the failure to answer with
   */
  Future<Void> begin(RepositoryChange.Made made) {
    revision = made.revision();
    look();
    if (outcome.future().isComplete()) {
      return outcome.future();
    }
    var vertx = exchange.context().vertx();
    long left = Duration.ofNanos(endNanos - System.nanoTime()).toMillis();
    long timer = vertx.setPeriodic(LOOK_MILLIS, fired -> look());
    long end = vertx.setTimer(Math.max(1, left), fired -> outcome.tryFail(tooLate()));
    exchange.whenOver(over -> outcome.tryFail(gone()));
    return outcome
        .future()
        .onComplete(
            ended -> {
              vertx.cancelTimer(timer);
              vertx.cancelTimer(end);
            });
  }

  private void look() {
    var routes = snapshots.view().routes();
    var endpoint = routes.endpoint(change.project(), change.name());
    if (endpoint == null) {
      if (!change.loaded()) {
        outcome.tryComplete();
      }
      return;
    }
    if (endpoint.revision() < revision) {
      return;
    }
    if (!change.loaded()) {
      outcome.tryComplete();
      return;
    }
    var obstacle = routes.obstacle(change.project(), change.name());
    if (obstacle.isEmpty()) {
      outcome.tryComplete();
    } else if (obstacle.get().code() == ErrorCode.MODEL_REJECTED) {
      askAgain();
    } else if (endpoint.suspended() || routes.failed(change.project(), change.name())) {
      outcome.tryFail(obstacle.get());
    }
  }

  /** The registry knows the reason, and whether it was a version that the endpoint waits for. */
  private void askAgain() {
    if (!askedAgain) {
      askedAgain = true;
      askAgain.get().onFailure(why -> exchange.onLoop(() -> outcome.tryFail(why)));
    }
  }

  private MillraceException tooLate() {
    if (!change.loaded()) {
      return MillraceException.of(
              ErrorCode.OVERLOADED,
              "'%s' was unloaded, but this gateway has not heard of it yet",
              change.name())
          .withRetryAfter(Duration.ofSeconds(1));
    }
    var why = snapshots.view().routes().obstacle(change.project(), change.name());
    return MillraceException.of(
            ErrorCode.MODEL_NOT_READY,
            "'%s' was not ready in time: %s",
            change.name(),
            why.map(MillraceException::message).orElse("this gateway has not heard of it yet"))
        .withRetryAfter(Duration.ofSeconds(1));
  }

  private static MillraceException gone() {
    return MillraceException.of(ErrorCode.CLIENT_CLOSED, "the caller went away");
  }
}
