package dev.millrace.gateway.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import org.junit.jupiter.api.Test;

class UpstreamHeadersTest {
  private final MultiMap client =
      MultiMap.caseInsensitiveMultiMap()
          .add("Content-Encoding", "gzip")
          .add("Authorization", "Bearer secret")
          .add("millrace-internal-target", "forged/by/1")
          .add("millrace-request-id", "theirs")
          .add("X-Twice", "a")
          .add("X-Twice", "b");

  private final UpstreamHeaders headers =
      new UpstreamHeaders(client)
          .set("millrace-request-id", "ours")
          .set("millrace-internal-project", "default");

  @Test
  void thePlatformsOwnWin() {
    assertThat(headers.get("millrace-request-id")).isEqualTo("ours");
    assertThat(headers.toMultiMap().getAll("millrace-request-id")).containsExactly("ours");
    assertThat(headers.toMultiMap().get("millrace-internal-project")).isEqualTo("default");
  }

  @Test
  void credentialAndForgedHeadersEndAtTheGateway() {
    assertThat(headers.get("authorization")).isNull();
    assertThat(headers.get("millrace-internal-target")).isNull();
    assertThat(headers.toMultiMap().contains("authorization")).isFalse();
    assertThat(headers.toMultiMap().contains("millrace-internal-target")).isFalse();
  }

  @Test
  void theClientsOwnGoOn() {
    assertThat(headers.get("content-encoding")).isEqualTo("gzip");
    assertThat(headers.toMultiMap().getAll("x-twice")).containsExactly("a", "b");
  }

  @Test
  void removedOnesAreGone() {
    headers.remove("content-encoding");

    assertThat(headers.get("content-encoding")).isNull();
    assertThat(headers.toMultiMap().contains("content-encoding")).isFalse();
  }

  @Test
  void anyNumberOfOwnHeaders() {
    for (int i = 0; i < 40; i++) {
      headers.set("own-" + i, "v" + i);
    }

    assertThat(headers.get("own-39")).isEqualTo("v39");
    assertThat(headers.toMultiMap().get("own-17")).isEqualTo("v17");
  }
}
