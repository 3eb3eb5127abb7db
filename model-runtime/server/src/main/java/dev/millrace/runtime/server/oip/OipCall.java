package dev.millrace.runtime.server.oip;

import java.nio.ByteBuffer;
import java.util.Map;

/**
 * One HTTP call, whole.
 *
 * @param method upper-case verb
 * @param path without query, percent-encoded as it came
 * @param headers by lower-case name; of repeated headers the first
 * @param body from position to limit; must stay unchanged until the reply is there
 * @param context what the transport knows besides
 */
public record OipCall(
    String method, String path, Map<String, String> headers, ByteBuffer body, CallContext context) {
  /** The same call in another context. */
  OipCall in(CallContext other) {
    return new OipCall(method, path, headers, body, other);
  }
}
