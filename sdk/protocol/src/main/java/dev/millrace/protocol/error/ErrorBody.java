package dev.millrace.protocol.error;

import java.util.Map;

/**
 * The JSON body of a failed call on OIP and control routes. Open Inference Protocol clients read
 * {@code error} and ignore the rest.
 *
 * @param error a sentence that names the culprit and what was expected
 * @param code the machine code
 * @param retryable whether repeating the same call can help
 * @param details what a machine may want to know, for example {@code stage} or {@code input}
 */
public record ErrorBody(
    String error, ErrorCode code, boolean retryable, Map<String, Object> details) {

  /** The body that tells of {@code failure}. */
  public static ErrorBody of(MillraceException failure) {
    return new ErrorBody(
        failure.message(), failure.code(), failure.code().retryable(), failure.details());
  }
}
