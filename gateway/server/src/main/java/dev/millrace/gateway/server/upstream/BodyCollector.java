package dev.millrace.gateway.server.upstream;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** Puts a streamed body together; a body of one chunk, the usual case, is not copied. */
final class BodyCollector {
  /** A client's announcement is not trusted with more memory than this in advance. */
  private static final int LARGEST_GUESS = 1 << 20;

  private final int expected;
  private @Nullable Buffer first;
  private @Nullable Buffer all;

  private BodyCollector(long length) {
    this.expected = (int) Math.min(Math.max(0, length), LARGEST_GUESS);
  }

  static Future<Buffer> collect(UpstreamBody.Streaming body) {
    var collector = new BodyCollector(body.length());
    Promise<Buffer> collected = Promise.promise();
    body.stream()
        .exceptionHandler(collected::tryFail)
        .endHandler(end -> collected.tryComplete(collector.bytes()))
        .handler(collector::add)
        .resume();
    return collected.future();
  }

  private void add(Buffer chunk) {
    if (first == null) {
      first = chunk;
      return;
    }
    var buffer = all;
    if (buffer == null) {
      buffer = Buffer.buffer(Math.max(expected, first.length() + chunk.length()));
      buffer.appendBuffer(first);
      all = buffer;
    }
    buffer.appendBuffer(chunk);
  }

  private Buffer bytes() {
    if (all != null) {
      return all;
    }
    return first == null ? Buffer.buffer(0) : first;
  }
}
