package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.oip.EncodedBody;
import dev.millrace.runtime.batching.BatchTiming;
import dev.millrace.runtime.server.cache.CacheStatus;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What every answer of a version tells besides its body.
 *
 * @param version the version that answered, in decimal
 * @param replica the member that answered
 * @param timing where the time went
 * @param coldNanos how long the call waited for the version to be loaded; 0 when it was
 * @param cache how the call met the cache of its endpoint
 */
record InferAnswer(
    String version,
    String replica,
    String requestId,
    BatchTiming timing,
    long coldNanos,
    CacheStatus cache) {
  /** As gRPC metadata, by lower-case name. */
  Map<String, String> metadata() {
    return withRare(
        Map.of(
            MillraceHeaders.MODEL_VERSION, version,
            MillraceHeaders.REPLICA, replica,
            MillraceHeaders.REQUEST_ID, requestId,
            MillraceHeaders.SERVER_TIMING, ServerTiming.of(timing)));
  }

  /** As headers of an answer with that body, by lower-case name. */
  Map<String, String> headers(EncodedBody body) {
    if (!body.binary()) {
      return withRare(
          Map.of(
              MillraceHeaders.MODEL_VERSION,
              version,
              MillraceHeaders.REPLICA,
              replica,
              MillraceHeaders.REQUEST_ID,
              requestId,
              MillraceHeaders.SERVER_TIMING,
              ServerTiming.of(timing),
              "content-type",
              body.contentType()));
    }
    return withRare(
        Map.of(
            MillraceHeaders.MODEL_VERSION,
            version,
            MillraceHeaders.REPLICA,
            replica,
            MillraceHeaders.REQUEST_ID,
            requestId,
            MillraceHeaders.SERVER_TIMING,
            ServerTiming.of(timing),
            "content-type",
            body.contentType(),
            MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH,
            Integer.toString(body.jsonLength())));
  }

  /** What few answers tell. */
  private Map<String, String> withRare(Map<String, String> usual) {
    if (coldNanos == 0 && cache == CacheStatus.OFF) {
      return usual;
    }
    var all = new HashMap<>(usual);
    if (coldNanos > 0) {
      long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(coldNanos));
      all.put(MillraceHeaders.COLD_START, Long.toString(millis));
    }
    if (cache != CacheStatus.OFF) {
      all.put(MillraceHeaders.SERVER_TIMING, ServerTiming.of(timing, cache));
      all.put(MillraceHeaders.CACHE, cache.label());
    }
    return all;
  }
}
