package dev.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.EventDocument;
import dev.millrace.protocol.control.ModelDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlClientIT {
  private static final String MODEL =
      "{\"project\":\"default\",\"name\":\"%s\",\"latestVersion\":1,\"aliases\":{},"
          + "\"createdAt\":\"2026-01-01T00:00:00Z\",\"aNewField\":1}";
  private static final String VERSION =
      "{\"project\":\"default\",\"model\":\"m\",\"version\":1,\"digest\":\"sha256:00\","
          + "\"state\":\"UPLOADED\",\"signature\":{\"inputs\":[],\"outputs\":[]},"
          + "\"format\":{\"irVersion\":8,\"opset\":17,\"producer\":\"\"},\"manifest\":{},"
          + "\"artifacts\":[],\"createdAt\":\"2026-01-01T00:00:00Z\"}";
  private static final String ENDPOINT =
      "{\"project\":\"default\",\"name\":\"m\",\"revision\":4,\"spec\":{\"version\":1},"
          + "\"status\":{\"traffic\":[],\"ready\":false,\"replicas\":0,\"waitingFor\":\"a replica\"},"
          + "\"changedAt\":\"2026-01-01T00:00:00Z\",\"changedBy\":\"admin\"}";
  private static final String EVENT =
      "{\"sequence\":%d,\"at\":\"2026-01-01T00:00:00Z\",\"project\":\"default\",\"subject\":\"m\","
          + "\"type\":\"VersionReady\",\"message\":\"ready\"}";

  @TempDir Path folder;
  private FakeGateway gateway;
  private Millrace millrace;

  @BeforeEach
  void start() throws Exception {
    gateway = new FakeGateway();
    millrace = Millrace.connect(gateway.url(), Credentials.apiKey("k1"));
  }

  @AfterEach
  void stop() {
    millrace.close();
    gateway.close();
  }

  @Test
  void readsAListPageByPage() {
    gateway.on(
        "GET /api/v1/models",
        200,
        "{\"items\":[" + MODEL.formatted("a") + "],\"nextPageToken\":\"t 2\"}");
    gateway.on(
        "GET /api/v1/models?pageToken=t%202",
        200, "{\"items\":[" + MODEL.formatted("b") + "],\"nextPageToken\":null}");

    assertThat(millrace.control().models())
        .extracting(ModelDocument::name)
        .containsExactly("a", "b");
    assertThat(gateway.last().header("Authorization")).isEqualTo("Bearer k1");
  }

  @Test
  void uploadsWithDigestAndReportsProgressToTheLastByte() throws Exception {
    var content = new byte[300_000];
    new Random(3).nextBytes(content);
    Path file = Files.write(folder.resolve("m.onnx"), content);
    gateway.on("POST /api/v1/models/m/versions", 201, VERSION);
    var sent = new ArrayList<Long>();
    var hashed = new ArrayList<Long>();

    var version =
        millrace
            .control()
            .uploadVersion(
                "m",
                file,
                (phase, done, total) -> {
                  assertThat(total).isEqualTo(content.length);
                  (phase == UploadListener.Phase.SENDING ? sent : hashed).add(done);
                });

    assertThat(version.state()).isEqualTo(VersionState.UPLOADED);
    var request = gateway.last();
    assertThat(request.body()).isEqualTo(content);
    assertThat(request.header("Content-Length")).isEqualTo("300000");
    assertThat(request.header("Content-Type")).isEqualTo("application/octet-stream");
    String digest =
        Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(content));
    assertThat(request.header("Repr-Digest")).isEqualTo("sha-256=:" + digest + ":");
    assertThat(sent).isSorted().last().isEqualTo(300_000L);
    assertThat(hashed).isSorted().last().isEqualTo(300_000L);
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    var failure =
        catchThrowableOfType(
            MillraceException.class,
            () ->
                millrace
                    .control()
                    .uploadVersion("m", folder.resolve("none.onnx"), UploadListener.NONE));

    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(failure.message()).contains("none.onnx");
  }

  @Test
  void writesWithTheRevisionThatWasRead() {
    gateway.on("PUT /api/v1/endpoints/m", 200, ENDPOINT);

    var endpoint =
        millrace
            .control()
            .putEndpoint("m", new EndpointSpec("m", 1, null, null, null), OptionalLong.of(3));

    assertThat(endpoint.revision()).isEqualTo(4);
    assertThat(endpoint.status().waitingFor()).isEqualTo("a replica");
    assertThat(gateway.last().header("If-Match")).isEqualTo("\"3\"");
    assertThat(new String(gateway.last().body(), StandardCharsets.UTF_8))
        .isEqualTo("{\"model\":\"m\",\"version\":1}");
  }

  @Test
  void revertsDeletesAndMovesAliases() {
    gateway.on("POST /api/v1/endpoints/m:revert", 200, ENDPOINT);
    gateway.on("DELETE /api/v1/endpoints/m", 204, "");
    gateway.on(
        "PUT /api/v1/models/m/aliases/best",
        200,
        "{\"alias\":\"best\",\"version\":2,\"revision\":1}");

    assertThat(millrace.control().revert("m").name()).isEqualTo("m");
    millrace.control().deleteEndpoint("m");
    assertThat(millrace.control().putAlias("m", "best", 2).revision()).isEqualTo(1);
  }

  @Test
  void aFailureCarriesCodeDetailsAndRequestId() {
    gateway.on(
        "GET /api/v1/models/x",
        (exchange, request) -> {
          exchange.getResponseHeaders().set("millrace-request-id", "r-17");
          exchange.getResponseHeaders().set("Retry-After", "7");
          FakeGateway.send(
              exchange,
              429,
              "application/json",
              "{\"error\":\"slow down\",\"code\":\"QUOTA_EXCEEDED\",\"retryable\":true,"
                  + "\"details\":{\"limit\":5}}");
        });

    var failure =
        catchThrowableOfType(MillraceException.class, () -> millrace.control().model("x"));

    assertThat(failure.code()).isEqualTo(ErrorCode.QUOTA_EXCEEDED);
    assertThat(failure.message()).isEqualTo("slow down");
    assertThat(failure.details()).containsEntry("limit", 5).containsEntry("requestId", "r-17");
    assertThat(failure.retryAfter()).contains(Duration.ofSeconds(7));
  }

  @Test
  void anAnswerThatIsNoDocumentSaysSo() {
    gateway.on("GET /api/v1/models/x", 200, "<html>a proxy</html>");

    var failure =
        catchThrowableOfType(MillraceException.class, () -> millrace.control().model("x"));

    assertThat(failure.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(failure.message()).contains("is this a Millrace gateway?").contains("<html>");
  }

  @Test
  void eventsSoFarComeAsAPageOrAsAStream() {
    gateway.on(
        "GET /api/v1/endpoints/page/events?after=2",
        200,
        "{\"items\":[" + EVENT.formatted(3) + "],\"nextPageToken\":null}");
    gateway.on(
        "GET /api/v1/endpoints/stream/events?after=0",
        (exchange, request) ->
            FakeGateway.send(
                exchange,
                200,
                "text/event-stream",
                ": hello\n\nid: 1\nevent: VersionReady\ndata: " + EVENT.formatted(1) + "\n\n"));

    assertThat(millrace.control().events("page", 2))
        .extracting(EventDocument::sequence)
        .containsExactly(3L);
    assertThat(millrace.control().events("stream", 0))
        .extracting(EventDocument::sequence)
        .containsExactly(1L);
  }

  @Test
  void followsEventsWhileTheyHappen() throws Exception {
    var more = new CountDownLatch(1);
    gateway.on(
        "GET /api/v1/endpoints/m/events?after=0",
        (exchange, request) -> {
          exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
          exchange.sendResponseHeaders(200, 0);
          OutputStream out = exchange.getResponseBody();
          out.write(("data: " + EVENT.formatted(1) + "\n\n").getBytes(StandardCharsets.UTF_8));
          out.flush();
          try {
            more.await();
          } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
          }
          out.write(("data: " + EVENT.formatted(2) + "\n\n").getBytes(StandardCharsets.UTF_8));
        });

    try (EventStream stream = millrace.control().followEvents("m", 0)) {
      assertThat(stream.next(Duration.ofSeconds(10)).orElseThrow().sequence()).isEqualTo(1);
      assertThat(stream.next(Duration.ZERO)).isEmpty();
      assertThat(stream.ended()).isFalse();

      more.countDown();

      assertThat(stream.next(Duration.ofSeconds(10)).orElseThrow().sequence()).isEqualTo(2);
      assertThat(stream.next(Duration.ofSeconds(10))).isEmpty();
      assertThat(stream.ended()).isTrue();
    }
  }

  @Test
  void nothingThatListensIsToldFromATroubledServer() {
    gateway.close();

    var failure = catchThrowableOfType(MillraceException.class, () -> millrace.ready());

    assertThat(failure.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(failure.details()).containsEntry("stage", "connect");
    assertThat(failure.message()).contains(gateway.url()).contains("refused");
  }

  @Test
  void aServerThatDoesNotAnswerIsCutAtTheDeadline() {
    var forever = new CountDownLatch(1);
    gateway.on(
        "GET /api/v1/models/m",
        (exchange, request) -> {
          try {
            forever.await();
          } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
          }
        });
    var hurried = ClientOptions.DEFAULT.withTimeout(Duration.ofMillis(200));
    try (Millrace impatient = Millrace.connect(gateway.url(), Credentials.none(), hurried)) {
      var failure =
          catchThrowableOfType(MillraceException.class, () -> impatient.control().model("m"));

      assertThat(failure.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
      assertThat(failure.message()).contains("within 200 ms");
    }
    assertThat(List.of(gateway.last().header("Authorization"))).containsExactly("");
  }
}
