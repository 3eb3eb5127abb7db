package dev.millrace.runtime.server.oip;

import dev.millrace.runtime.server.body.BinaryBody;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP call, whole.
 *
 * @param method upper-case verb
 * @param path without query, percent-encoded as it came
 * @param headers by lower-case name; of repeated headers the first
 * @param body from position to limit; must stay unchanged until the reply is there
 * @param context what the transport knows besides
 * @param pooled what holds {@code body}'s memory when the call lends it only; null when the garbage
 *     collector looks after it
 */
public record OipCall(
    String method,
    String path,
    Map<String, String> headers,
    ByteBuffer body,
    CallContext context,
    @Nullable BinaryBody pooled) {
  /** A call whose body the garbage collector looks after. */
  public OipCall(
      String method,
      String path,
      Map<String, String> headers,
      ByteBuffer body,
      CallContext context) {
    this(method, path, headers, body, context, null);
  }

  /** The same call in another context. */
  OipCall in(CallContext other) {
    return new OipCall(method, path, headers, body, other, pooled);
  }
}
