package dev.millrace.protocol.error;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.protocol.control.ControlJson;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Failures as the clients of OpenAI's API read them: {@code {"error": {"message", "type", "param",
 * "code"}}}. The code is the platform's own, as in every other form of the same failure.
 */
public final class OpenAiErrors {
  /** The detail that says which field of the body is wrong. */
  public static final String PARAM_DETAIL = "param";

  private OpenAiErrors() {}

  /** The body, in UTF-8. */
  public static byte[] write(MillraceException failure) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("message", failure.message());
    error.put("type", type(failure.code()));
    error.put("param", failure.details().get(PARAM_DETAIL));
    error.put("code", failure.code().name());
    try {
      return ControlJson.lenient().writeValueAsBytes(Map.of("error", error));
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("an error is a map of strings", impossible);
    }
  }

  private static String type(ErrorCode code) {
    return switch (code) {
      case UNAUTHENTICATED -> "authentication_error";
      case PERMISSION_DENIED -> "permission_error";
      case NOT_FOUND -> "not_found_error";
      case RATE_LIMITED, QUOTA_EXCEEDED -> "rate_limit_error";
      default -> code.httpStatus() < 500 ? "invalid_request_error" : "server_error";
    };
  }
}
