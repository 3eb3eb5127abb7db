package dev.millrace.benchmarks.wire;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One request, encoded, and the check of its answer. Immutable and shared between callers.
 *
 * @param request the body; not to be changed
 * @param jsonLength length of the JSON part when binary tensor data follow it; -1 when none do
 * @param check tells a right answer from a wrong one
 */
public record Exchange(byte[] request, int jsonLength, Check check) {
  /** Compares an answer with what this request must be answered. */
  @FunctionalInterface
  public interface Check {
    /**
     * What is wrong with the answer; null when it is right.
     *
     * @param answer the body
     * @param jsonLength length of its JSON part when binary tensor data follow it; -1 when none do
     */
    @Nullable String problem(byte[] answer, int jsonLength);
  }

  /** The same request for a server that answers how many bytes it got. */
  public Exchange counted() {
    String count = Integer.toString(request.length);
    return new Exchange(
        request,
        jsonLength,
        (answer, length) ->
            count.equals(new String(answer, StandardCharsets.US_ASCII))
                ? null
                : "expected a count of " + count + " bytes");
  }

  /** The same request for a server that only sends back what it got. */
  public Exchange echoed() {
    return new Exchange(
        request,
        jsonLength,
        (answer, length) ->
            java.util.Arrays.equals(answer, request) ? null : "the echo differs from the request");
  }
}
