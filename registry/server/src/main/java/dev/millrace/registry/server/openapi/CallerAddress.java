package dev.millrace.registry.server.openapi;

import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.registry.snippet.PlatformUrl;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/** The platform's address as the caller of a document used it, which stands in the document. */
final class CallerAddress {
  /** When a process of the cluster asks without a gateway between. */
  private static final PlatformUrl NOBODYS = new PlatformUrl("http://localhost:8080");

  private CallerAddress() {}

  static PlatformUrl of(HttpHeaders headers) {
    var sent = headers.getHeaderString(MillraceHeaders.INTERNAL_BASE_URL);
    return sent == null ? NOBODYS : PlatformUrl.of(sent).orElse(NOBODYS);
  }

  /** No cache may give one caller's address to another. */
  static Response forOneCaller(Response.ResponseBuilder answer) {
    return answer.header("cache-control", "no-store").build();
  }
}
