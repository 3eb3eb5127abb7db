package dev.millrace.process.http;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells which targets of a request line are none. Pure. */
public final class RequestTargets {
  /** A target may be as long as a request's line. */
  private static final int SHOWN = 200;

  private RequestTargets() {}

  /**
   * Why a target is refused; empty for a URI with a path.
   *
   * @param target as it was sent, with its query; null when there was none
   * @return INVALID_ARGUMENT that names the place
   */
  public static Optional<MillraceException> refusal(@Nullable String target) {
    if (target == null || target.isEmpty()) {
      return Optional.of(
          MillraceException.of(
              ErrorCode.INVALID_ARGUMENT, "the request has no target (expected: a path)"));
    }
    if (isPlain(target)) {
      return Optional.empty();
    }
    try {
      var uri = new URI(target);
      boolean path = target.charAt(0) == '/' || uri.getScheme() != null && uri.getHost() != null;
      return path
          ? Optional.empty()
          : Optional.of(
              MillraceException.of(
                  ErrorCode.INVALID_ARGUMENT,
                  "the request's target '%s' has no path (expected: one that begins with '/')",
                  shown(target)));
    } catch (URISyntaxException malformed) {
      return Optional.of(
          MillraceException.of(
              ErrorCode.INVALID_ARGUMENT,
              "the request's target '%s' is no URI: %s at index %d",
              shown(target),
              malformed.getReason(),
              malformed.getIndex()));
    }
  }

  /** A path as nearly all are: no need to parse it. */
  private static boolean isPlain(String target) {
    if (target.charAt(0) != '/' || target.startsWith("//")) {
      return false;
    }
    for (int i = 1; i < target.length(); i++) {
      char next = target.charAt(i);
      boolean plain =
          next >= 'a' && next <= 'z'
              || next >= '-' && next <= '9' // with the dot and the slash between
              || next >= 'A' && next <= 'Z'
              || next == '_';
      if (!plain) {
        return false;
      }
    }
    return true;
  }

  private static String shown(String target) {
    return target.length() <= SHOWN ? target : target.substring(0, SHOWN) + "…";
  }
}
