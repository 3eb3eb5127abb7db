package dev.millrace.e2e.support;

import java.net.http.HttpClient;

/**
 * The client of tests that ask in clear text. HTTP/1.1: by default the JDK's client asks to upgrade
 * each new connection to HTTP/2, and now and then cannot read the frames of a large answer then.
 */
public final class PlainHttp {
  private PlainHttp() {}

  /** A new client, to be closed. */
  public static HttpClient client() {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }
}
