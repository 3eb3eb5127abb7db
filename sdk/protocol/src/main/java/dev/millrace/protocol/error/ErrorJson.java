package dev.millrace.protocol.error;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.protocol.control.ControlJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON body of a failed HTTP call, written by servers and read by clients; stateless.
 *
 * <p>Reading never fails: a body from another server or from a proxy in between becomes the code
 * that its HTTP status implies.
 */
public final class ErrorJson {
  /** A foreign body may be a whole web page. */
  private static final int FOREIGN_LIMIT = 500;

  private ErrorJson() {}

  /** The body that tells of {@code failure}, in UTF-8. */
  public static byte[] write(MillraceException failure) {
    return write(ErrorBody.of(failure));
  }

  /** The body as JSON in UTF-8: {@code {"error","code","retryable","details"}}. */
  public static byte[] write(ErrorBody body) {
    try {
      return ControlJson.lenient().writeValueAsBytes(body);
    } catch (JsonProcessingException unwritable) {
      // Only a detail that is no JSON value can do this; the error itself must still get through.
      return write(new ErrorBody(body.error(), body.code(), body.retryable(), Map.of()));
    }
  }

  /**
   * Reads a body.
   *
   * @param httpStatus decides the code when the body names none that is known
   */
  public static ErrorBody read(ByteBuffer body, int httpStatus) {
    var bytes = new byte[body.remaining()];
    body.duplicate().get(bytes);
    JsonNode root = parse(bytes);
    if (root == null || !root.path("error").isTextual()) {
      ErrorCode code = codeOfHttpStatus(httpStatus);
      return new ErrorBody(foreign(bytes, httpStatus), code, code.retryable(), Map.of());
    }
    ErrorCode code = code(root.path("code").asText(""), httpStatus);
    return new ErrorBody(
        root.path("error").asText(),
        code,
        root.path("retryable").asBoolean(code.retryable()),
        details(root.path("details")));
  }

  /**
   * The failure that an HTTP answer tells of.
   *
   * @param retryAfter the value of {@code Retry-After}; null when absent, ignored unless it is a
   *     number of seconds
   */
  public static MillraceException toException(
      int httpStatus, ByteBuffer body, @Nullable String retryAfter) {
    ErrorBody read = read(body, httpStatus);
    MillraceException failure = MillraceException.of(read.code(), read.error());
    for (Map.Entry<String, Object> detail : read.details().entrySet()) {
      failure = failure.withDetail(detail.getKey(), detail.getValue());
    }
    if (retryAfter != null && retryAfter.strip().matches("[0-9]{1,9}")) {
      failure = failure.withRetryAfter(Duration.ofSeconds(Long.parseLong(retryAfter.strip())));
    }
    return failure;
  }

  /** The code that stands for an HTTP status when nothing more precise is known. */
  public static ErrorCode codeOfHttpStatus(int status) {
    return switch (status) {
      case 401 -> ErrorCode.UNAUTHENTICATED;
      case 403 -> ErrorCode.PERMISSION_DENIED;
      case 404 -> ErrorCode.NOT_FOUND;
      case 405 -> ErrorCode.METHOD_NOT_ALLOWED;
      case 408, 504 -> ErrorCode.DEADLINE_EXCEEDED;
      case 409 -> ErrorCode.ALREADY_EXISTS;
      case 412 -> ErrorCode.STALE_REVISION;
      case 413 -> ErrorCode.PAYLOAD_TOO_LARGE;
      case 415 -> ErrorCode.UNSUPPORTED_MEDIA;
      case 422 -> ErrorCode.MODEL_REJECTED;
      case 429 -> ErrorCode.RATE_LIMITED;
      case 499 -> ErrorCode.CLIENT_CLOSED;
      case 501 -> ErrorCode.NOT_IMPLEMENTED;
      case 502, 503 -> ErrorCode.OVERLOADED;
      case 507 -> ErrorCode.INSUFFICIENT_MEMORY;
      default -> status >= 400 && status < 500 ? ErrorCode.INVALID_ARGUMENT : ErrorCode.INTERNAL;
    };
  }

  private static ErrorCode code(String name, int httpStatus) {
    for (ErrorCode code : ErrorCode.values()) {
      if (code.name().equals(name)) {
        return code;
      }
    }
    return codeOfHttpStatus(httpStatus);
  }

  private static @Nullable JsonNode parse(byte[] bytes) {
    try {
      return ControlJson.lenient().readTree(bytes);
    } catch (IOException foreign) {
      return null;
    }
  }

  private static Map<String, Object> details(JsonNode node) {
    if (!node.isObject()) {
      return Map.of();
    }
    var details = new HashMap<String, Object>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      Object value = ControlJson.lenient().convertValue(field.getValue(), Object.class);
      if (value != null) {
        details.put(field.getKey(), value);
      }
    }
    return Map.copyOf(details);
  }

  private static String foreign(byte[] bytes, int httpStatus) {
    String text = new String(bytes, StandardCharsets.UTF_8).strip();
    if (text.isEmpty()) {
      return "HTTP status " + httpStatus + " without a body";
    }
    return text.length() <= FOREIGN_LIMIT ? text : text.substring(0, FOREIGN_LIMIT) + "…";
  }
}
