package dev.millrace.runtime.server.oip;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.error.ErrorJson;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.error.OpenAiErrors;
import dev.millrace.protocol.error.RetryPause;
import dev.millrace.protocol.http.MillraceHeaders;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Failures as HTTP answers, in the form that the clients of a route understand. */
final class ErrorReplies {
  static final String JSON = "application/json";

  private ErrorReplies() {}

  /** The answer on {@code path}: OpenAI's form below {@code /v1}, the protocol's elsewhere. */
  static OipReply on(String path, MillraceException failure, String requestId) {
    return path.startsWith("/v1/") || path.startsWith("/openai/")
        ? openAi(failure, requestId)
        : oip(failure, requestId);
  }

  private static OipReply oip(MillraceException failure, String requestId) {
    return new OipReply(
        failure.code().httpStatus(),
        headers(failure, requestId),
        List.of(ByteBuffer.wrap(ErrorJson.write(failure))));
  }

  private static OipReply openAi(MillraceException failure, String requestId) {
    Map<String, String> headers = headers(failure, requestId);
    headers.put("x-request-id", requestId);
    // Without it the official clients repeat every 5xx, also those that cannot get better.
    headers.put("x-should-retry", Boolean.toString(failure.code().retryable()));
    return new OipReply(
        failure.code().httpStatus(),
        headers,
        List.of(ByteBuffer.wrap(OpenAiErrors.write(failure))));
  }

  /** A value as JSON. */
  static ByteBuffer json(Object value) {
    try {
      return ByteBuffer.wrap(ControlJson.lenient().writeValueAsBytes(value));
    } catch (JsonProcessingException unwritable) {
      throw new IllegalStateException(unwritable);
    }
  }

  private static Map<String, String> headers(MillraceException failure, String requestId) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("content-type", JSON);
    headers.put(MillraceHeaders.REQUEST_ID, requestId);
    RetryPause.header(failure).ifPresent(seconds -> headers.put("retry-after", seconds));
    if (failure.details().get("allow") instanceof String verb) {
      headers.put("allow", verb);
    }
    return headers;
  }
}
