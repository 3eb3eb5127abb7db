package dev.millrace.gateway.server.upstream;

import io.vertx.core.Future;

/**
 * The way to a replica: a network connection in a cluster ({@link HttpUpstream}, the default bean),
 * a direct call in one process (any other bean of this type replaces the default).
 *
 * <p>Called on the event loop of the client's request; must not block it. The answer's future may
 * complete on any thread: the gateway returns to the event loop by itself.
 */
public interface Upstream {
  /**
   * Sends a call.
   *
   * @return the replica's answer, whatever its status, or a failure: {@link UnreachableException}
   *     when no byte of the body was consumed, so that another replica may be tried; a {@link
   *     dev.millrace.protocol.error.MillraceException} that is passed on to the caller; anything
   *     else counts as a lost connection
   */
  Future<UpstreamResponse> send(UpstreamRequest request);
}
