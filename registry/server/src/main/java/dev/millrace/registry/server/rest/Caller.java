package dev.millrace.registry.server.rest;

import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.registry.key.Keys;
import jakarta.ws.rs.core.HttpHeaders;

/**
 * Who calls, as the gateway has found out; trusted because the call carries the cluster token.
 *
 * @param actor id of the caller's key
 */
public record Caller(String project, String actor) {
  /** The caller that the gateway names in the headers. */
  public static Caller of(HttpHeaders headers) {
    var project = Bodies.header(headers, MillraceHeaders.INTERNAL_PROJECT);
    var actor = Bodies.header(headers, MillraceHeaders.INTERNAL_ACTOR);
    return new Caller(
        project.isEmpty() ? Keys.DEFAULT_PROJECT : project, actor.isEmpty() ? "unknown" : actor);
  }
}
