package dev.millrace.registry.server.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.error.ErrorBody;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.error.RetryPause;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.ResponseBuilder;

/**
 * How documents and failures are written: one JSON configuration, whatever else the process has.
 */
public final class Answers {
  private static final String JSON = "application/json";

  private Answers() {}

  /** A document. */
  public static ResponseBuilder json(int status, Object document) {
    return Response.status(status).entity(bytes(document)).type(JSON);
  }

  /** A document that carries its revision. */
  static ResponseBuilder json(int status, Object document, long revision) {
    return json(status, document).header("etag", "\"" + revision + "\"");
  }

  /** A failure. */
  static ResponseBuilder failure(MillraceException failure) {
    var builder = json(failure.code().httpStatus(), ErrorBody.of(failure));
    RetryPause.header(failure).ifPresent(seconds -> builder.header("retry-after", seconds));
    if (failure.code() == ErrorCode.UNAUTHENTICATED) {
      builder.header("www-authenticate", "Bearer");
    }
    return builder;
  }

  static byte[] bytes(Object document) {
    try {
      return ControlJson.strict().writeValueAsBytes(document);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
