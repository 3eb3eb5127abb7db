package dev.millrace.runtime.server.openai;

import dev.millrace.runtime.server.text.TextTask;

/**
 * One call of a text route.
 *
 * @param requestId under which it is logged
 * @param model the name to answer with when the body has none
 * @param body what was sent
 * @param task the version's
 * @param acceptsTokenIds whether the endpoint takes ids of the caller's own tokenizer
 * @param goOn run between texts; throws when nobody waits for the answer any more
 */
public record TextCall(
    String requestId,
    String model,
    TextBody body,
    TextTask task,
    boolean acceptsTokenIds,
    Runnable goOn) {

  /** The name that the caller used, else the endpoint's. */
  String answeringModel() {
    String named = body.model();
    return named.isEmpty() ? model : named;
  }
}
