package dev.millrace.gateway.server.exchange;

import dev.millrace.gateway.server.upstream.UpstreamBody;
import io.vertx.core.http.HttpMethod;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether a client's answers are compressed.
 *
 * @param encoding what the client likes best; null when it wants the plain bytes
 * @param minSize fewest bytes that are worth it
 */
public record AnswerCompression(@Nullable AnswerEncoding encoding, long minSize) {

  /**
   * What a client's {@code Accept-Encoding} comes to.
   *
   * @param accepted the header's value; null when there is none
   */
  public static AnswerCompression of(@Nullable String accepted, long minSize) {
    return new AnswerCompression(AnswerEncoding.best(accepted), minSize);
  }

  /**
   * Decides on an answer whose status and headers are set, and sets those that follow from it.
   *
   * @return null when it goes as it is
   */
  @Nullable AnswerEncoding decide(Exchange exchange, UpstreamBody body) {
    var response = exchange.response();
    var headers = response.headers();
    int status = response.getStatusCode();
    if (size(body) < minSize
        || status == 204
        || status == 206
        || status == 304
        || exchange.request().method() == HttpMethod.HEAD
        || headers.contains("content-encoding")
        || contains(headers.get("content-type"), "text/event-stream")
        || contains(headers.get("cache-control"), "no-transform")) {
      return null;
    }
    headers.add("vary", "Accept-Encoding");
    if (encoding != null) {
      headers.set("content-encoding", encoding.token());
      headers.remove("content-length");
    }
    return encoding;
  }

  /** Of a stream that does not say: large. */
  private static long size(UpstreamBody body) {
    return switch (body) {
      case UpstreamBody.Whole whole -> whole.bytes().length();
      case UpstreamBody.Streaming streaming ->
          streaming.length() < 0 ? Long.MAX_VALUE : streaming.length();
    };
  }

  private static boolean contains(@Nullable String header, String value) {
    return header != null && header.toLowerCase(Locale.ROOT).contains(value);
  }
}
