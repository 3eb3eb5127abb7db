package dev.millrace.protocol.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpRegistryLinkTest {
  private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
  private HttpServer server;
  private HttpRegistryLink link;
  private volatile int status = 204;
  private volatile byte[] answer = {};

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
    link =
        new HttpRegistryLink(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"), "secret");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void asksForASnapshotNewerThanTheOneHeld() throws Exception {
    assertThat(link.snapshot(3, "e 1", RegistryLink.Audience.GATEWAY, Duration.ofSeconds(2)))
        .isEmpty();

    assertThat(requests.take())
        .isEqualTo("GET /internal/v1/snapshot?after=3&epoch=e%201&for=gateway&wait=2 secret ");
  }

  @Test
  void passesOnAChangeOfTheRepositoryAndItsRefusal() throws Exception {
    status = 200;
    answer = "{\"revision\":7,\"fromTheFuture\":1}".getBytes(UTF_8);
    var change = new RepositoryChange("p", "m", "k", true, "{}");

    assertThat(link.repository(change).revision()).isEqualTo(7);

    assertThat(requests.take())
        .startsWith("POST /internal/v1/repository secret ")
        .contains("\"name\":\"m\"", "\"loaded\":true", "\"config\":\"{}\"");
    status = 422;
    answer = "{\"error\":\"it crashed\",\"code\":\"MODEL_REJECTED\"}".getBytes(UTF_8);
    assertThatThrownBy(() -> link.repository(change))
        .isInstanceOfSatisfying(
            MillraceException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.MODEL_REJECTED))
        .hasMessage("it crashed");
  }

  @Test
  void readsASnapshotAndSkipsFieldsOfNewerRegistries() throws Exception {
    status = 200;
    answer =
        """
        {"number":4,"epoch":"e","endpoints":[],"versions":[],"members":[],"assignments":[],
         "keys":[],"fromTheFuture":true}
        """
            .getBytes(UTF_8);

    var snapshot = link.snapshot(0, "", RegistryLink.Audience.RUNTIME, Duration.ZERO);

    assertThat(snapshot).hasValueSatisfying(it -> assertThat(it.number()).isEqualTo(4));
  }

  @Test
  void reportsLeavesAndJudges() throws Exception {
    var key = new VersionKey("default", "iris", 1);
    var report =
        new MemberReport(
            "r/1",
            "h:1",
            "h:2",
            "cpu",
            "cpu",
            false,
            List.of(new MemberReport.ReplicaReport(key, MemberReport.ReplicaState.READY, null)));
    link.report(report);
    link.leave("r/1");
    link.admission(new AdmissionReport(key, false, "no", null, 5));

    assertThat(requests.take())
        .isEqualTo(
            "PUT /internal/v1/members/r%2F1 secret "
                + ControlJson.lenient().writeValueAsString(report));
    assertThat(requests.take()).startsWith("DELETE /internal/v1/members/r%2F1 secret");
    assertThat(requests.take())
        .startsWith("PUT /internal/v1/admissions secret {\"version\":\"default/iris/1\"");
  }

  @Test
  void tellsWhatWasMeasured() throws Exception {
    link.profile(
        new Profile(
            "sha256:ab",
            "h100 x1",
            Instant.EPOCH,
            "1.28.0",
            new Profile.Footprint(1, 2, 3),
            null,
            List.of(new Profile.Latency(1, 0, 5, 6, 7)),
            Profile.Invariance.unknown("no batch axis"),
            Profile.Invariance.unknown("no length axis"),
            Profile.Finding.YES,
            new Profile.Recommendation(1, 1, 1)));

    assertThat(requests.take())
        .isEqualTo(
            "PUT /internal/v1/profiles/sha256%3Aab/h100%20x1 secret {\"digest\":\"sha256:ab\","
                + "\"hardwareClass\":\"h100 x1\",\"measuredAt\":\"1970-01-01T00:00:00Z\","
                + "\"onnxRuntime\":\"1.28.0\",\"footprint\":{\"loadMillis\":1,"
                + "\"residentBytes\":2,\"peakBytes\":3},\"latency\":[{\"batch\":1,\"length\":0,"
                + "\"p50Micros\":5,\"p99Micros\":6,\"runs\":7}],\"batching\":{"
                + "\"holds\":\"UNKNOWN\",\"largestDifference\":0.0,\"note\":\"no batch axis\"},"
                + "\"padding\":{\"holds\":\"UNKNOWN\",\"largestDifference\":0.0,"
                + "\"note\":\"no length axis\"},\"deterministic\":\"YES\",\"recommended\":"
                + "{\"batch\":1,\"instances\":1,\"intraOpThreads\":1}}");
  }

  @Test
  void aSnapshotOfAnEarlierReleaseHasNoProfiles() throws Exception {
    var entry =
        ControlJson.lenient()
            .readValue(
                "{\"key\":\"default/iris/1\",\"digest\":\"sha256:ab\",\"state\":\"READY\","
                    + "\"signature\":{\"inputs\":[],\"outputs\":[]},\"manifest\":{},"
                    + "\"artifacts\":[]}",
                Snapshot.VersionEntry.class);

    assertThat(entry.profiles()).isEmpty();
    assertThat(entry.profile("cpu")).isEmpty();
  }

  @Test
  void opensAnArtifact() throws Exception {
    status = 200;
    answer = "weights".getBytes(UTF_8);

    try (var stream = link.openArtifact("sha256:ab")) {
      assertThat(new String(stream.readAllBytes(), UTF_8)).isEqualTo("weights");
    }
  }

  @Test
  void aRefusalIsAnErrorThatQuotesTheAnswer() {
    status = 401;
    answer = "{\"error\":\"cluster token\"}".getBytes(UTF_8);

    assertThatThrownBy(() -> link.leave("r1"))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "the registry answered 401 to DELETE /internal/v1/members/r1:"
                + " {\"error\":\"cluster token\"}");
    assertThatThrownBy(() -> link.openArtifact("sha256:ab"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("401");
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      requests.add(
          exchange.getRequestMethod()
              + " "
              + exchange.getRequestURI()
              + " "
              + exchange.getRequestHeaders().getFirst("millrace-internal-token")
              + " "
              + body);
      var bytes = answer;
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
