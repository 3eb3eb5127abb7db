package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.runtime.batching.BatchTiming;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What every answer of a version tells besides its body.
 *
 * @param version the decimal version that answered
 * @param replica the member that answered
 * @param timing where the time went
 */
record InferAnswer(int version, String replica, String requestId, BatchTiming timing) {
  /** As headers or metadata, by lower-case name. */
  Map<String, String> headers() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(MillraceHeaders.MODEL_VERSION, Integer.toString(version));
    headers.put(MillraceHeaders.REPLICA, replica);
    headers.put(MillraceHeaders.REQUEST_ID, requestId);
    headers.put(MillraceHeaders.SERVER_TIMING, ServerTiming.of(timing));
    return headers;
  }
}
