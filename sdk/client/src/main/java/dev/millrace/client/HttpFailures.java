package dev.millrace.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.error.ErrorBody;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.ErrorJson;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns a failed HTTP answer back into the exception that the platform raised, with the request id
 * among its details.
 */
final class HttpFailures {
  private HttpFailures() {}

  static MillraceException read(int status, HttpHeaders headers, byte[] body) {
    byte[] known = unwrapOpenAi(status, body);
    MillraceException failure =
        ErrorJson.toException(
            status, ByteBuffer.wrap(known), headers.firstValue("retry-after").orElse(null));
    Optional<String> requestId = headers.firstValue(MillraceHeaders.REQUEST_ID);
    return requestId.isPresent()
        ? failure.withDetail(Millrace.REQUEST_ID_DETAIL, requestId.get())
        : failure;
  }

  /** On text routes the error is an object, {@code {"error": {"message", "code"}}}. */
  private static byte[] unwrapOpenAi(int status, byte[] body) {
    JsonNode root = parse(body);
    JsonNode error = root == null ? null : root.get("error");
    if (error == null || !error.isObject()) {
      return body;
    }
    ErrorCode code = ErrorJson.codeOfHttpStatus(status);
    String named = error.path("code").asText("");
    for (ErrorCode each : ErrorCode.values()) {
      if (each.name().equalsIgnoreCase(named)) {
        code = each;
      }
    }
    return ErrorJson.write(
        new ErrorBody(error.path("message").asText(""), code, code.retryable(), Map.of()));
  }

  private static @Nullable JsonNode parse(byte[] body) {
    try {
      return ControlJson.lenient().readTree(body);
    } catch (IOException notJson) {
      return null;
    }
  }
}
