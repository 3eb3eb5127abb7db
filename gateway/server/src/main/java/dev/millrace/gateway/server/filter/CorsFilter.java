package dev.millrace.gateway.server.filter;

import dev.millrace.gateway.server.config.CorsOptions;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.protocol.http.MillraceHeaders;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells browsers which pages may call (the Fetch standard's CORS protocol). A page of another
 * origin gets its answer without permission to read it. Browsers ask before they send a key, so the
 * question is answered before a credential is looked for. {@code Access-Control-Allow-Credentials}
 * is never sent: keys come from the page, not from the browser.
 */
final class CorsFilter implements ExchangeFilter {
  private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";

  /** Names of headers, comma-separated; what is anything else is not echoed. */
  private static final Pattern HEADER_NAMES = Pattern.compile("[A-Za-z0-9_, -]{1,2000}");

  /** What a page may read besides the body. */
  private static final String EXPOSED =
      String.join(
          ", ",
          MillraceHeaders.REQUEST_ID,
          MillraceHeaders.MODEL_VERSION,
          MillraceHeaders.REPLICA,
          MillraceHeaders.COLD_START,
          MillraceHeaders.CACHE,
          MillraceHeaders.SERVER_TIMING,
          MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH,
          "etag",
          "location",
          "retry-after",
          "ratelimit",
          "ratelimit-policy",
          "repr-digest",
          "www-authenticate",
          "x-request-id",
          "x-should-retry");

  private final CorsOptions options;

  CorsFilter(CorsOptions options) {
    this.options = options;
  }

  @Override
  public void apply(Exchange exchange) {
    var request = exchange.request().headers();
    var answer = exchange.response().headers();
    if (!options.any()) {
      answer.add("vary", "Origin");
    }
    var origin = request.get("origin");
    if (origin == null || !options.allows(origin)) {
      return;
    }
    answer.set("access-control-allow-origin", options.any() ? "*" : origin);
    if (HttpMethod.OPTIONS.equals(exchange.request().method())
        && request.contains("access-control-request-method")) {
      permit(answer, request.get("access-control-request-headers"));
      exchange.answerEmpty(204);
    } else {
      answer.set("access-control-expose-headers", EXPOSED);
    }
  }

  private void permit(MultiMap answer, @Nullable String wanted) {
    answer.set("access-control-allow-methods", METHODS);
    if (wanted != null && HEADER_NAMES.matcher(wanted).matches()) {
      answer.set("access-control-allow-headers", wanted);
    }
    answer.set("access-control-max-age", Long.toString(options.maxAge().toSeconds()));
  }
}
