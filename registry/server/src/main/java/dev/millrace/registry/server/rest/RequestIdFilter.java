package dev.millrace.registry.server.rest;

import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.http.RequestIds;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.ext.Provider;

/** Gives every answer its request id: the caller's when it is well formed, else a new one. */
@Provider
public class RequestIdFilter implements ContainerResponseFilter {
  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response) {
    response.getHeaders().putSingle(MillraceHeaders.REQUEST_ID, id(request));
  }

  /** The id of a request; the same each time it is asked for. */
  static String id(ContainerRequestContext request) {
    if (request.getProperty(MillraceHeaders.REQUEST_ID) instanceof String known) {
      return known;
    }
    var id = RequestIds.orNew(request.getHeaderString(MillraceHeaders.REQUEST_ID));
    request.setProperty(MillraceHeaders.REQUEST_ID, id);
    return id;
  }
}
