package dev.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.error.MillraceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerAddressTest {
  @Test
  void keepsAPathPrefixAndDropsTheTrailingSlash() {
    var address = ServerAddress.parse("https://models.example.org/team/");

    assertThat(address.tls()).isTrue();
    assertThat(address.host()).isEqualTo("models.example.org");
    assertThat(address.port()).isEqualTo(443);
    assertThat(address.resolve("/v2").toString()).isEqualTo("https://models.example.org/team/v2");
  }

  @Test
  void plaintextWithoutAPortMeans80() {
    assertThat(ServerAddress.parse("http://localhost").port()).isEqualTo(80);
    assertThat(ServerAddress.parse("http://[::1]:8080").port()).isEqualTo(8080);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "localhost:8080", "ftp://host", "http://", "http://user@host", "http://h?x=1"})
  void refusesWhatIsNoAddressOfAServer(String url) {
    assertThatThrownBy(() -> ServerAddress.parse(url))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("is not an address of a server (expected: http://host:port");
  }

  @Test
  void aNameIsOneSegmentWhateverItContains() {
    assertThat(ServerAddress.segment("a b/c?d%e")).isEqualTo("a%20b%2Fc%3Fd%25e");
  }
}
