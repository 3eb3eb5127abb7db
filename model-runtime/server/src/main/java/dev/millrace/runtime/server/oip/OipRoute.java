package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.runtime.server.openai.TextRoute;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a path asks for.
 *
 * @param endpoint the name in the path; empty on paths that name none
 */
record OipRoute(Kind kind, String endpoint) {
  private static final String MODELS = "/v2/models/";
  private static final String INFER = "/infer";

  /** The routes and their only verb. */
  enum Kind {
    LIVE("GET"),
    READY("GET"),
    SERVER_METADATA("GET"),
    MODEL_METADATA("GET"),
    MODEL_READY("GET"),
    MODEL_CONFIG("GET"),
    MODEL_STATISTICS("GET"),
    INFER("POST"),
    TEXT("POST");

    private final String verb;

    Kind(String verb) {
      this.verb = verb;
    }

    String verb() {
      return verb;
    }

    /** Whether {@code method} may be used; HEAD counts as GET. */
    boolean allows(String method) {
      return verb.equals(method) || (verb.equals("GET") && method.equals("HEAD"));
    }
  }

  /** The route of {@code path}; empty when there is none. */
  static Optional<OipRoute> parse(String path) {
    return parse(path, "");
  }

  /**
   * The same.
   *
   * @param likely the endpoint that the path most likely names, so that its name is not made anew
   */
  static Optional<OipRoute> parse(String path, String likely) {
    OipRoute usual = plainInfer(path, likely);
    if (usual != null) {
      return Optional.of(usual);
    }
    return switch (path) {
      case "/v2", "/v2/" -> server(Kind.SERVER_METADATA);
      case "/v2/health/live" -> server(Kind.LIVE);
      case "/v2/health/ready" -> server(Kind.READY);
      default ->
          path.startsWith(MODELS)
              ? model(path.substring(MODELS.length()).split("/", -1))
              : TextRoute.at(path).map(_ -> new OipRoute(Kind.TEXT, ""));
    };
  }

  /** The usual call, whose name needs no decoding; null for every other path. */
  private static @Nullable OipRoute plainInfer(String path, String likely) {
    int slash = path.length() - INFER.length();
    if (slash <= MODELS.length() || !path.endsWith(INFER) || !path.startsWith(MODELS)) {
      return null;
    }
    for (int i = MODELS.length(); i < slash; i++) {
      char c = path.charAt(i);
      if (c == '/' || c == '%') {
        return null;
      }
    }
    int length = slash - MODELS.length();
    boolean same = length == likely.length() && path.startsWith(likely, MODELS.length());
    return new OipRoute(Kind.INFER, same ? likely : path.substring(MODELS.length(), slash));
  }

  /** {@code {m}[/versions/{v}][/{verb}]}. */
  private static Optional<OipRoute> model(String[] segments) {
    if (segments[0].isEmpty()) {
      return Optional.empty();
    }
    int next = 1;
    if (segments.length > next && segments[next].equals("versions")) {
      if (segments.length == next + 1 || segments[next + 1].isEmpty()) {
        return Optional.empty();
      }
      next += 2;
    }
    if (segments.length > next + 1) {
      return Optional.empty();
    }
    String endpoint = decode(segments[0]);
    if (segments.length == next) {
      return Optional.of(new OipRoute(Kind.MODEL_METADATA, endpoint));
    }
    return switch (segments[next]) {
      case "infer" -> Optional.of(new OipRoute(Kind.INFER, endpoint));
      case "ready" -> Optional.of(new OipRoute(Kind.MODEL_READY, endpoint));
      case "stats" -> Optional.of(new OipRoute(Kind.MODEL_STATISTICS, endpoint));
      case "config" -> Optional.of(new OipRoute(Kind.MODEL_CONFIG, endpoint));
      default -> Optional.empty();
    };
  }

  private static Optional<OipRoute> server(Kind kind) {
    return Optional.of(new OipRoute(kind, ""));
  }

  private static String decode(String segment) {
    try {
      return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "path segment '%s' is not valid percent-encoding", segment);
    }
  }
}
