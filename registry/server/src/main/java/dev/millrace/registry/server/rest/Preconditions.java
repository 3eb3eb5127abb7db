package dev.millrace.registry.server.rest;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.model.NameRule;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code If-Match} and {@code If-None-Match} as the revision that something must be at. */
final class Preconditions {
  private static final Pattern REVISION = Pattern.compile("(?:W/)?\"([0-9]{1,18})\"");

  private Preconditions() {}

  /**
   * The revision that must hold, 0 for "not there"; null when the caller does not care.
   *
   * @throws MillraceException INVALID_ARGUMENT for an entity tag that is not one of ours
   */
  static @Nullable Long expected(HttpHeaders headers) {
    if (Bodies.header(headers, "if-none-match").equals("*")) {
      return 0L;
    }
    var match = Bodies.header(headers, "if-match");
    if (match.isEmpty() || match.equals("*")) {
      return null;
    }
    var revision = REVISION.matcher(match);
    if (!revision.matches()) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "if-match: '%s' (expected: an ETag of an earlier answer, for example \"3\")",
          NameRule.quoted(match));
    }
    return Long.valueOf(revision.group(1));
  }
}
