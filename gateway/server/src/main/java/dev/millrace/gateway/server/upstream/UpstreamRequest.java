package dev.millrace.gateway.server.upstream;

import dev.millrace.gateway.routing.Replica;
import dev.millrace.gateway.routing.Route;
import io.vertx.core.http.HttpMethod;

/**
 * A routed call on its way to a replica.
 *
 * @param kind how to read the path, the headers and the body
 * @param method the verb; POST for gRPC
 * @param uri path and query as the client sent them; {@code /service/method} for gRPC
 * @param headers end-to-end headers (gRPC metadata): the client's without hop-by-hop headers and
 *     credential, plus the platform's internal ones: target, endpoint, token, {@code
 *     millrace-request-id} and the remaining {@code millrace-timeout} in ms
 * @param body the request's bytes; not touched before there is a connection
 * @param route the version that answers and the endpoint that was addressed
 * @param replica the one to call
 * @param deadline when the caller stops waiting; the gateway answers and cancels by itself
 * @param cancelSignal fires when nobody waits any more: stop, and free what the call holds
 */
public record UpstreamRequest(
    Kind kind,
    HttpMethod method,
    String uri,
    UpstreamHeaders headers,
    UpstreamBody body,
    Route route,
    Replica replica,
    Deadline deadline,
    CancelSignal cancelSignal) {

  /** The two ways a call is framed. */
  public enum Kind {
    HTTP,
    GRPC
  }

  /** The path without the query. */
  public String path() {
    int query = uri.indexOf('?');
    return query < 0 ? uri : uri.substring(0, query);
  }
}
