package dev.millrace.gateway.server.proxy;

import dev.millrace.gateway.inspect.JsonModelScanner;
import dev.millrace.gateway.routing.RequestTarget.OpenAiCall;
import dev.millrace.gateway.server.config.GatewayOptions;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.upstream.UpstreamBody;
import dev.millrace.gateway.server.upstream.UpstreamRequest.Kind;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import io.netty.buffer.ByteBufInputStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** Calls whose body names the model: the body is kept, looked at, and sent on as it came. */
@Singleton
class OpenAiHandler implements CallHandler {
  /** Looking at more than this would hold up the other calls of the event loop. */
  private static final int LARGEST_ON_LOOP = 64 << 10;

  private final CallRouter router;
  private final Forwarder forwarder;
  private final long bound;

  @Inject
  OpenAiHandler(CallRouter router, Forwarder forwarder, GatewayOptions options) {
    this.router = router;
    this.forwarder = forwarder;
    this.bound = options.maxBodySize();
  }

  @Override
  public void handle(Exchange exchange) {
    if (!(exchange.target() instanceof OpenAiCall call)) {
      throw new IllegalStateException("not an OpenAI call: " + exchange.target());
    }
    var encoding = exchange.request().getHeader("content-encoding");
    long announced = RequestBody.checkedLength(exchange, bound);
    RequestBody.streaming(exchange, bound, announced)
        .collect()
        .compose(body -> model(exchange, body, encoding).map(model -> new Named(model, body)))
        .onFailure(exchange::fail)
        .onSuccess(named -> forward(exchange, call, named));
  }

  private record Named(String model, Buffer body) {}

  private void forward(Exchange exchange, OpenAiCall call, Named named) {
    try {
      var route = router.route(exchange, named.model(), null);
      var deadline = router.deadline(exchange, route);
      var uri = RequestBody.uri(exchange, call.path());
      var body = new UpstreamBody.Whole(named.body());
      forwarder.forward(exchange, new Forwarder.Call(Kind.HTTP, uri, body, deadline));
    } catch (RuntimeException refused) {
      exchange.fail(refused);
    }
  }

  private Future<String> model(Exchange exchange, Buffer body, @Nullable String encoding) {
    boolean small = body.length() <= LARGEST_ON_LOOP && encoding == null;
    if (!small) {
      return exchange
          .context()
          .vertx()
          .executeBlocking(() -> scan(body, encoding), false)
          .map(Objects::requireNonNull);
    }
    try {
      return Future.succeededFuture(scan(body, null));
    } catch (MillraceException refused) {
      return Future.failedFuture(refused);
    }
  }

  @SuppressWarnings("deprecation") // reading a Vert.x 4 buffer without copying it
  private String scan(Buffer body, @Nullable String encoding) {
    try (var bytes = decoded(new ByteBufInputStream(body.getByteBuf()), encoding)) {
      return JsonModelScanner.model(bytes);
    } catch (IOException malformed) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "the body is not valid %s data", encoding);
    }
  }

  private InputStream decoded(InputStream body, @Nullable String encoding) throws IOException {
    if (encoding == null) {
      return body;
    }
    return switch (encoding.toLowerCase(Locale.ROOT)) {
      case "identity" -> body;
      case "gzip" -> new BoundedStream(new GZIPInputStream(body), bound);
      case "deflate" -> new BoundedStream(new InflaterInputStream(body), bound);
      default ->
          throw MillraceException.of(
              ErrorCode.UNSUPPORTED_MEDIA,
              "content-encoding '%s' is not offered (expected: gzip, deflate or identity)",
              encoding);
    };
  }
}
