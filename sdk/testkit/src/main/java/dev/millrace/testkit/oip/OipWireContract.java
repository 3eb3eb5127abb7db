package dev.millrace.testkit.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How connections are used: kept, filled, upgraded, and refused before a body is sent. */
public interface OipWireContract {
  /** Where the server is. */
  OipTarget target();

  private String request(String verb, String path, String... headers) {
    var request = new StringBuilder(verb + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
    if (target().apiKey() != null) {
      request.append("Authorization: Bearer ").append(target().apiKey()).append("\r\n");
    }
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    return request.append("\r\n").toString();
  }

  private String infer() {
    String row = OipRestContract.ROW;
    return request("POST", target().model("/infer"), "Content-Length: " + row.length()) + row;
  }

  private static void assertInferred(OipWire.Answer answer) {
    assertThat(answer.head()).startsWith("HTTP/1.1 200");
    assertThat(answer.body()).contains("[30").contains("\"id\":\"call-7\"");
  }

  @Test
  default void http11KeepsTheConnection() throws IOException {
    try (var wire = new OipWire(target())) {
      for (int i = 0; i < 3; i++) {
        assertInferred(wire.send(infer()).answer());
        assertThat(wire.send(request("GET", "/v2/nonsense")).answer().status()).isEqualTo(404);
      }
    }
  }

  @Test
  default void http11ClosesTheConnectionOnDemand() throws IOException {
    try (var wire = new OipWire(target())) {
      var last = wire.send(request("GET", "/v2/health/live", "Connection: close")).answer();
      assertThat(last.status()).isEqualTo(200);
      assertThat(wire.isClosed()).isTrue();
    }
  }

  @Test
  default void http10IsAnsweredAndClosed() throws IOException {
    try (var wire = new OipWire(target())) {
      var answer =
          wire.send(request("GET", "/v2/health/live").replace("HTTP/1.1", "HTTP/1.0")).answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(wire.isClosed()).isTrue();
    }
  }

  @Test
  default void http11AnswersPipelinedRequestsInTheirOrder() throws IOException {
    try (var wire = new OipWire(target())) {
      wire.send(
          infer()
              + request("GET", "/v2/health/live")
              + request("GET", "/v2/nonsense")
              + infer()
              + request("GET", target().model("")));
      assertInferred(wire.answer());
      assertThat(wire.answer().body()).contains("live");
      assertThat(wire.answer().status()).isEqualTo(404);
      assertInferred(wire.answer());
      assertThat(wire.answer().body()).contains("\"inputs\"");
    }
  }

  @Test
  default void http11TakesChunkedBodiesHoweverTheyAreCut() throws IOException {
    String row = OipRestContract.ROW;
    for (int size : List.of(1, 7, row.length())) {
      var body = new StringBuilder();
      for (int from = 0; from < row.length(); from += size) {
        String chunk = row.substring(from, Math.min(row.length(), from + size));
        body.append(Integer.toHexString(chunk.length())).append(";a=b\r\n");
        body.append(chunk).append("\r\n");
      }
      body.append("0\r\nX-Trailer: t\r\n\r\n");
      try (var wire = new OipWire(target())) {
        wire.send(request("POST", target().model("/infer"), "Transfer-Encoding: chunked"));
        // In pieces that end anywhere.
        int half = body.length() / 2;
        wire.send(body.substring(0, half)).send(body.substring(half));
        assertInferred(wire.answer());
        assertInferred(wire.send(infer()).answer());
      }
    }
  }

  @Test
  default void http11AsksForABodyThatIsHeldBack() throws IOException {
    String row = OipRestContract.ROW;
    try (var wire = new OipWire(target())) {
      wire.send(
          request(
              "POST",
              target().model("/infer"),
              "Expect: 100-continue",
              "Content-Length: " + row.length()));
      assertThat(wire.head()).startsWith("HTTP/1.1 100");
      assertInferred(wire.send(row).answer());
      assertInferred(wire.send(infer()).answer());
    }
  }

  @Test
  default void http11RefusesBeforeItAsksForABodyThatIsHeldBack() throws IOException {
    String expect = "Expect: 100-continue";
    String huge = "Content-Length: " + (target().maxBodyBytes() + 1);
    String small = "Content-Length: 9";
    String path = target().model("/infer");
    assertThat(early(request("POST", path, expect, huge))).isEqualTo(413);
    assertThat(early(request("POST", path, expect, small, "Content-Encoding: br"))).isEqualTo(415);
    assertThat(early(request("POST", "/v2/models/nobody/infer", expect, small))).isEqualTo(404);
    assertThat(early(request("PUT", path, expect, small))).isEqualTo(405);
    assumeTrue(target().apiKey() != null, "the server asks for no key");
    String anonymous =
        request("POST", path, expect, small).replaceFirst("Authorization: [^\r]*\r\n", "");
    assertThat(early(anonymous)).isEqualTo(401);
  }

  private int early(String request) throws IOException {
    try (var wire = new OipWire(target())) {
      return wire.send(request).answer().status();
    }
  }

  @Test
  default void http11GoesOnAfterARefusalOfASmallBody() throws IOException {
    String row = OipRestContract.ROW;
    try (var wire = new OipWire(target())) {
      String refused =
          request("POST", "/v2/models/nobody/infer", "Content-Length: " + row.length()) + row;
      assertThat(wire.send(refused).answer().status()).isEqualTo(404);
      assertInferred(wire.send(infer()).answer());
    }
  }

  @Test
  default void h2cIsSpokenByUpgrade() throws Exception {
    try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
      for (int i = 0; i < 2; i++) {
        var request =
            HttpRequest.newBuilder(target().baseUrl().resolve(target().model("/infer")))
                .POST(HttpRequest.BodyPublishers.ofString(OipRestContract.ROW));
        if (target().apiKey() != null) {
          request.header("Authorization", "Bearer " + target().apiKey());
        }
        var answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(answer.body()).contains("[30");
      }
    }
  }

  @Test
  default void h2cIsSpokenByPriorKnowledge() throws IOException {
    var headers = new ByteArrayOutputStream();
    literal(headers, ":method", "POST");
    literal(headers, ":scheme", "http");
    literal(headers, ":path", target().model("/infer"));
    literal(headers, ":authority", "localhost");
    if (target().apiKey() != null) {
      literal(headers, "authorization", "Bearer " + target().apiKey());
    }
    byte[] row = OipRestContract.ROW.getBytes(StandardCharsets.UTF_8);
    try (var wire = new OipWire(target())) {
      wire.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").frame(4, 0, 0, new byte[0]);
      wire.frame(1, 4, 1, headers.toByteArray()).frame(0, 1, 1, row);
      // A second stream on the same connection, before the first is answered.
      wire.frame(1, 4, 3, headers.toByteArray()).frame(0, 1, 3, row);
      var bodies =
          new ByteArrayOutputStream[] {new ByteArrayOutputStream(), new ByteArrayOutputStream()};
      for (int open = 2; open > 0; ) {
        var frame = wire.frame();
        if (frame.type() == 4 && frame.flags() == 0) {
          wire.frame(4, 1, 0, new byte[0]);
        }
        if (frame.type() == 1) {
          // After the stream that it depends on, where the frame names one.
          int start = (frame.flags() & 0x20) == 0 ? 0 : 5;
          assertThat(frame.payload()[start]).as(":status 200, indexed").isEqualTo((byte) 0x88);
        }
        if (frame.type() == 0) {
          bodies[frame.stream() / 2].writeBytes(frame.payload());
        }
        if (frame.stream() > 0 && frame.type() <= 1 && (frame.flags() & 1) != 0) {
          open--;
        }
      }
      for (var body : bodies) {
        assertThat(body.toString(StandardCharsets.UTF_8)).contains("[30");
      }
    }
  }

  /** A header as HPACK's literal without indexing (RFC 7541, 6.2.2). */
  private static void literal(ByteArrayOutputStream to, String name, String value) {
    to.write(0);
    for (String text : List.of(name, value)) {
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      if (bytes.length < 127) {
        to.write(bytes.length);
      } else {
        to.write(127);
        for (int left = bytes.length - 127; ; left >>= 7) {
          to.write(left < 128 ? left : left & 127 | 128);
          if (left < 128) {
            break;
          }
        }
      }
      to.writeBytes(bytes);
    }
  }
}
