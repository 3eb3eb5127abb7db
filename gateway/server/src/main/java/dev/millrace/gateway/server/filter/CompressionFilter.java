package dev.millrace.gateway.server.filter;

import dev.millrace.gateway.server.exchange.AnswerCompression;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.Protocol;
import io.vertx.core.http.HttpHeaders;

/** Notes in which encoding a client takes the answers of models. gRPC compresses by message. */
final class CompressionFilter implements ExchangeFilter {
  private final long minSize;
  private final AnswerCompression none;

  CompressionFilter(long minSize) {
    this.minSize = minSize;
    this.none = AnswerCompression.of(null, minSize);
  }

  @Override
  public void apply(Exchange exchange) {
    if (exchange.protocol() != Protocol.HTTP && exchange.protocol() != Protocol.OPENAI) {
      return;
    }
    var accepted = exchange.request().headers().getAll(HttpHeaders.ACCEPT_ENCODING);
    exchange.compression(
        accepted.isEmpty() ? none : AnswerCompression.of(String.join(",", accepted), minSize));
  }
}
