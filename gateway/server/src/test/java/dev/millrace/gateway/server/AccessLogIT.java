package dev.millrace.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.grpc.ModelInferRequest;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FakeAddress.class)
class AccessLogIT {
  @TestHTTPResource("/")
  URI base;

  private final FakeRuntime runtime = FakeRuntime.instance();
  private final Captured captured = new Captured();
  private Data data;

  /** Keeps what the access log writes. */
  private static final class Captured extends ExtHandler {
    private final Queue<ExtLogRecord> records = new ConcurrentLinkedQueue<>();

    @Override
    protected void doPublish(ExtLogRecord record) {
      records.add(record);
    }

    ExtLogRecord of(String requestId) {
      return await()
          .until(
              () ->
                  records.stream()
                      .filter(record -> requestId.equals(record.getMdc("requestId")))
                      .findFirst(),
              java.util.Optional::isPresent)
          .orElseThrow();
    }
  }

  @BeforeEach
  void listen() {
    assertThat(runtime.httpAddress()).isNotEmpty();
    data = new Data(base, HttpClient.Version.HTTP_1_1);
    await().until(() -> data.send(data.request("/v2/health/ready")).statusCode() == 200);
    Logger.getLogger("millrace.access").addHandler(captured);
  }

  @AfterEach
  void stopListening() {
    Logger.getLogger("millrace.access").removeHandler(captured);
  }

  @Test
  void aLineTellsWhoCalledWhatAndHowItEndedButNoSecret() throws Exception {
    data.send(
        data.as(Keys.INVOKER, "/v2/models/echo/infer?token=hush")
            .header("millrace-request-id", "logged-http")
            .header("x-secret", "hush")
            .POST(BodyPublishers.ofString("{\"a\":1}")));

    var record = captured.of("logged-http");
    assertThat(record.getMdcCopy())
        .containsAllEntriesOf(
            Map.of(
                "protocol", "http",
                "method", "POST",
                "path", "/v2/models/echo/infer",
                "project", "default",
                "key", "invoker",
                "endpoint", "echo",
                "code", "200",
                "bytesIn", "7",
                "bytesOut", "7"))
        .containsKeys("version", "micros");
    assertThat(Long.parseLong(record.getMdc("micros"))).isPositive();
    assertThat(record.getFormattedMessage())
        .startsWith("requestId=logged-http protocol=http method=POST")
        .contains(" code=200 ")
        .doesNotContain("hush", "s3cret");
    assertThat(record.getMdcCopy().toString()).doesNotContain("hush", "s3cret");
  }

  @Test
  void aGrpcCallIsALineToo() throws Exception {
    var channel =
        ManagedChannelBuilder.forAddress(base.getHost(), base.getPort()).usePlaintext().build();
    try {
      var metadata = new Metadata();
      metadata.put(ascii("authorization"), "Bearer " + Keys.INVOKER);
      metadata.put(ascii("millrace-request-id"), "logged-grpc");
      var answer =
          GRPCInferenceServiceGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
              .withDeadlineAfter(20, TimeUnit.SECONDS)
              .modelInfer(ModelInferRequest.newBuilder().setModelName("echo").build());
      assertThat(answer.getModelName()).isEqualTo("echo");
    } finally {
      channel.shutdownNow();
    }

    assertThat(captured.of("logged-grpc").getMdcCopy())
        .containsAllEntriesOf(Map.of("protocol", "grpc", "endpoint", "echo", "code", "OK"));
  }

  @Test
  void aRefusedCallIsALineWithoutAProject() throws Exception {
    data.send(
        data.request("/v2/models/echo/infer")
            .header("millrace-request-id", "logged-401")
            .POST(BodyPublishers.ofString("{}")));

    assertThat(captured.of("logged-401").getMdcCopy())
        .containsEntry("code", "401")
        .doesNotContainKeys("project", "endpoint", "version");
  }

  @Test
  void aCallThatTheServerRefusesBeforeItIsRoutedIsALineToo() throws Exception {
    try (var client = new Socket(base.getHost(), base.getPort())) {
      client
          .getOutputStream()
          .write(
              "GET /v2 HTTP/1.1\r\nmillrace-request-id: logged-400\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 400")
          .contains("millrace-request-id: logged-400", "malformed request");
    }

    assertThat(captured.of("logged-400").getMdcCopy())
        .containsAllEntriesOf(Map.of("method", "GET", "path", "/v2", "code", "400"));
  }

  private static Metadata.Key<String> ascii(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
