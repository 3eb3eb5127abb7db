package dev.millrace.client;

import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Flow;

/**
 * Buffers as a request body, handed over one by one and not copied. May be subscribed to several
 * times; the buffers must stay unchanged until the exchange ends.
 */
final class PartsBody implements HttpRequest.BodyPublisher {
  private final List<ByteBuffer> parts;
  private final long length;

  PartsBody(List<ByteBuffer> parts, long length) {
    this.parts = parts;
    this.length = length;
  }

  @Override
  public long contentLength() {
    return length;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    subscriber.onSubscribe(new Handover(parts.iterator(), subscriber));
  }

  /** Hands over as many parts as were asked for; safe against requests from inside onNext. */
  private static final class Handover implements Flow.Subscription {
    private final Iterator<ByteBuffer> rest;
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private long wanted;
    private boolean handing;
    private boolean done;

    Handover(Iterator<ByteBuffer> rest, Flow.Subscriber<? super ByteBuffer> subscriber) {
      this.rest = rest;
      this.subscriber = subscriber;
    }

    @Override
    public synchronized void request(long count) {
      wanted = count > Long.MAX_VALUE - wanted ? Long.MAX_VALUE : wanted + count;
      if (handing) {
        return;
      }
      handing = true;
      while (wanted > 0 && !done && rest.hasNext()) {
        wanted--;
        subscriber.onNext(rest.next().duplicate());
      }
      if (!done && !rest.hasNext()) {
        done = true;
        subscriber.onComplete();
      }
      handing = false;
    }

    @Override
    public synchronized void cancel() {
      done = true;
    }
  }
}
