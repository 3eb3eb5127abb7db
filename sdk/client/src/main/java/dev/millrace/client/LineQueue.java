package dev.millrace.client;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a response body that goes on after its headers. Filled by the HTTP client, emptied
 * by one reader; asks for the next line only when one was taken, so that a slow reader slows the
 * server down instead of filling the memory.
 */
final class LineQueue implements Flow.Subscriber<String> {
  /** Lines asked for ahead of the reader. */
  private static final int AHEAD = 64;

  private static final Object END = new Object();

  private final LinkedBlockingQueue<Object> queue = new LinkedBlockingQueue<>();
  private volatile Flow.@Nullable Subscription subscription;
  private volatile boolean streaming;
  private volatile boolean cancelled;
  private volatile boolean ended;

  /** A body that counts as complete at once, while its lines flow into this queue. */
  HttpResponse.BodySubscriber<byte[]> asBodyThatIsReadLater() {
    streaming = true;
    HttpResponse.BodySubscriber<Void> byLine =
        HttpResponse.BodySubscribers.fromLineSubscriber(
            this, whole -> null, StandardCharsets.UTF_8, null);
    return new HttpResponse.BodySubscriber<>() {
      @Override
      public CompletionStage<byte[]> getBody() {
        return CompletableFuture.completedFuture(new byte[0]);
      }

      @Override
      public void onSubscribe(Flow.Subscription bytes) {
        byLine.onSubscribe(bytes);
      }

      @Override
      public void onNext(List<ByteBuffer> part) {
        byLine.onNext(part);
      }

      @Override
      public void onError(Throwable failure) {
        byLine.onError(failure);
      }

      @Override
      public void onComplete() {
        byLine.onComplete();
      }
    };
  }

  /** Whether a body flows into this queue. */
  boolean subscribed() {
    return streaming;
  }

  @Override
  public void onSubscribe(Flow.Subscription source) {
    subscription = source;
    if (cancelled) {
      source.cancel();
    } else {
      source.request(AHEAD);
    }
  }

  @Override
  public void onNext(String line) {
    queue.add(line);
  }

  @Override
  public void onError(Throwable failure) {
    queue.add(failure);
  }

  @Override
  public void onComplete() {
    queue.add(END);
  }

  /** The next line, or null when none came in time or no more will come. */
  @Nullable String poll(Duration patience) {
    if (ended) {
      return null;
    }
    Object next;
    try {
      next = queue.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw MillraceException.of(ErrorCode.CLIENT_CLOSED, "the calling thread was interrupted");
    }
    if (next instanceof String line) {
      var source = subscription;
      if (source != null) {
        source.request(1);
      }
      return line;
    }
    if (next == null) {
      return null;
    }
    ended = true;
    if (next instanceof Throwable failure && !cancelled) {
      throw MillraceException.of(
              ErrorCode.OVERLOADED, "the event stream broke: %s", failure.getMessage())
          .withDetail(Millrace.STAGE_DETAIL, "connection");
    }
    return null;
  }

  boolean ended() {
    return ended;
  }

  void cancel() {
    cancelled = true;
    ended = true;
    var source = subscription;
    if (source != null) {
      source.cancel();
    }
  }
}
