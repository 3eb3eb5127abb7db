package dev.millrace.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Answers that come over a network, piece by piece; {@code echo} sends the body back. */
@QuarkusTest
@QuarkusTestResource(FakeAddress.class)
class CompressionIT {
  private static final String INFER = "/v2/models/echo/infer";

  @TestHTTPResource("/")
  URI base;

  @BeforeEach
  void knowsTheRegistry() {
    var data = new Data(base, HttpClient.Version.HTTP_1_1);
    await().until(() -> data.send(data.request("/v2/health/ready")).statusCode() == 200);
  }

  private HttpResponse<byte[]> echo(HttpClient.Version version, byte[] body, String accepted)
      throws Exception {
    var data = new Data(base, version);
    var request =
        data.as(Keys.INVOKER, INFER)
            .header("accept-encoding", accepted)
            .POST(BodyPublishers.ofByteArray(body));
    return data.client().send(request.build(), BodyHandlers.ofByteArray());
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void aLargeAnswerIsCompressed(HttpClient.Version version) throws Exception {
    var body = "0.125,".repeat(200_000).getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    var gzip = echo(version, body, "deflate;q=0.1, gzip");
    var deflate = echo(version, body, "deflate");

    assertThat(gzip.headers().firstValue("content-encoding")).hasValue("gzip");
    assertThat(gzip.headers().allValues("vary")).contains("Accept-Encoding");
    assertThat(gzip.body().length).isLessThan(body.length / 10);
    assertThat(new GZIPInputStream(new ByteArrayInputStream(gzip.body())).readAllBytes())
        .isEqualTo(body);
    assertThat(deflate.headers().firstValue("content-encoding")).hasValue("deflate");
    assertThat(new InflaterInputStream(new ByteArrayInputStream(deflate.body())).readAllBytes())
        .isEqualTo(body);
  }

  @Test
  void oneThatNobodyWantsCompressedOrThatIsSmallGoesAsItIs() throws Exception {
    var large = new byte[10_000];
    var small = new byte[1_000];
    var plain = echo(HttpClient.Version.HTTP_1_1, large, "gzip;q=0, br");
    assertThat(plain.headers().firstValue("content-encoding")).isEmpty();
    assertThat(plain.headers().allValues("vary")).contains("Accept-Encoding");
    assertThat(plain.body()).isEqualTo(large);
    var tiny = echo(HttpClient.Version.HTTP_1_1, small, "gzip");
    assertThat(tiny.headers().firstValue("content-encoding")).isEmpty();
    assertThat(tiny.headers().allValues("vary")).doesNotContain("Accept-Encoding");
    assertThat(tiny.body()).isEqualTo(small);
  }
}
