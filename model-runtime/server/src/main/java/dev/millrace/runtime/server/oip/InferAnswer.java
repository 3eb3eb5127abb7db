package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.runtime.batching.BatchTiming;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What every answer of a version tells besides its body.
 *
 * @param version the decimal version that answered
 * @param replica the member that answered
 * @param timing where the time went
 * @param coldNanos how long the call waited for the version to be loaded; 0 when it was
 */
record InferAnswer(
    int version, String replica, String requestId, BatchTiming timing, long coldNanos) {
  /** As headers or metadata, by lower-case name. */
  Map<String, String> headers() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(MillraceHeaders.MODEL_VERSION, Integer.toString(version));
    headers.put(MillraceHeaders.REPLICA, replica);
    headers.put(MillraceHeaders.REQUEST_ID, requestId);
    headers.put(MillraceHeaders.SERVER_TIMING, ServerTiming.of(timing));
    if (coldNanos > 0) {
      long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(coldNanos));
      headers.put(MillraceHeaders.COLD_START, Long.toString(millis));
    }
    return headers;
  }
}
