package dev.millrace.registry.server.rest;

import dev.millrace.protocol.http.MillraceHeaders;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.ext.Provider;
import java.util.UUID;
import java.util.regex.Pattern;

/** Gives every answer its request id: the caller's when it is well formed, else a new one. */
@Provider
public class RequestIdFilter implements ContainerResponseFilter {
  private static final Pattern WELL_FORMED = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response) {
    response.getHeaders().putSingle(MillraceHeaders.REQUEST_ID, id(request));
  }

  /** The id of a request; the same each time it is asked for. */
  static String id(ContainerRequestContext request) {
    if (request.getProperty(MillraceHeaders.REQUEST_ID) instanceof String known) {
      return known;
    }
    var sent = request.getHeaderString(MillraceHeaders.REQUEST_ID);
    var id =
        sent != null && WELL_FORMED.matcher(sent).matches() ? sent : UUID.randomUUID().toString();
    request.setProperty(MillraceHeaders.REQUEST_ID, id);
    return id;
  }
}
