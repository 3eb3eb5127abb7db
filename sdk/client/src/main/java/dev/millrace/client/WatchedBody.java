package dev.millrace.client;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.Flow;

/** A file as a request body of known length that tells a listener what has been handed over. */
final class WatchedBody implements HttpRequest.BodyPublisher {
  private final HttpRequest.BodyPublisher file;
  private final UploadListener listener;

  WatchedBody(Path file, UploadListener listener) throws IOException {
    this.file = HttpRequest.BodyPublishers.ofFile(file);
    this.listener = listener;
  }

  @Override
  public long contentLength() {
    return file.contentLength();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    file.subscribe(new Counting(subscriber, listener, contentLength()));
  }

  /** Passes everything on and counts the bytes. */
  private static final class Counting implements Flow.Subscriber<ByteBuffer> {
    private final Flow.Subscriber<? super ByteBuffer> next;
    private final UploadListener listener;
    private final long total;
    private long sent;

    Counting(Flow.Subscriber<? super ByteBuffer> next, UploadListener listener, long total) {
      this.next = next;
      this.listener = listener;
      this.total = total;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      next.onSubscribe(subscription);
    }

    @Override
    public void onNext(ByteBuffer part) {
      sent += part.remaining();
      next.onNext(part);
      listener.progress(UploadListener.Phase.SENDING, sent, total);
    }

    @Override
    public void onError(Throwable failure) {
      next.onError(failure);
    }

    @Override
    public void onComplete() {
      next.onComplete();
    }
  }
}
