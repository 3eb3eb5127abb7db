package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.Credentials;
import dev.millrace.client.Millrace;
import dev.millrace.client.Transport;
import dev.millrace.e2e.support.BothProtocols;
import dev.millrace.e2e.support.Metrics;
import dev.millrace.e2e.support.OpenCall;
import dev.millrace.e2e.support.Platform;
import dev.millrace.e2e.support.Rollouts;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.testkit.onnx.TinyModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Rows of the table of errors that need a model that computes, or fails: over REST and gRPC the
 * same failure, with its details. What such calls cost others is in {@link UnhappyCallsE2E}.
 */
interface BusyRowsContract {
  /** Steps of a run: more than anybody waits for. It ends when its caller leaves. */
  float[] ENDLESS = {1e9f, 0, 0, 0};

  /** A run that is over at once. */
  float[] SHORT = {0, 0, 0, 0};

  /** Units of memory that no machine has. */
  float[] TOO_MUCH = {1e18f, 0, 0, 0};

  /** Calls that may wait. */
  int PLACES = 2;

  /** The platform; models are added to it, none is changed. */
  Platform platform();

  /** Serves a model under that name unless that was done before. */
  private void serving(String name, byte[] onnx) throws Exception {
    try (var client =
        Millrace.connect(platform().url().toString(), Credentials.apiKey(platform().key()))) {
      if (client.control().endpoints().stream().noneMatch(one -> one.name().equals(name))) {
        Path file = Files.createTempFile(name, ".onnx");
        try {
          // Nothing is joined: one runs, a few wait.
          var one = new ServingSpec("600s", 1, null, PLACES);
          Rollouts.deploy(client, name, Files.write(file, onnx), one);
        } finally {
          Files.delete(file);
        }
      }
    }
  }

  private void busyServed() throws Exception {
    serving("busy", TinyModels.slowOnDemand(1));
  }

  private double waiting() {
    return Metrics.of(platform()).sum("millrace_queue_depth", "endpoint=\"busy\"");
  }

  private void awaitWaiting(int calls) {
    Awaitility.await(calls + " calls wait")
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> waiting() == calls);
  }

  private void awaitOnTheirWay(int calls) {
    Awaitility.await(calls + " calls are on their way")
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> Metrics.of(platform()).sum("millrace_upstream_inflight") == calls);
  }

  @Test
  default void aCallWithoutAPlaceToWaitIsOverloadedOverEveryProtocol() throws Exception {
    busyServed();
    var both = new BothProtocols(platform());
    var open = new ArrayList<OpenCall>();
    try {
      for (int waiting = 0; waiting <= PLACES; waiting++) {
        open.add(OpenCall.of(platform(), Transport.GRPC, "busy", ENDLESS));
        awaitOnTheirWay(waiting + 1);
        awaitWaiting(waiting);
      }
      var rest = both.rest("busy", SHORT);
      BothProtocols.assertIs(ErrorCode.OVERLOADED, rest);
      assertThat(rest.headers().firstValue("retry-after")).hasValue("1");
      assertThat(rest.body()).contains("queue_full");
      var grpc = both.grpc("busy", SHORT, Map.of());
      assertThat(grpc.code()).isEqualTo(ErrorCode.OVERLOADED);
      assertThat(grpc.details()).containsEntry("reason", "queue_full");
      assertThat(grpc.retryAfter()).as("RetryInfo").contains(Duration.ofSeconds(1));
    } finally {
      open.reversed().forEach(OpenCall::close);
      awaitOnTheirWay(0);
      awaitWaiting(0);
    }
  }

  @Test
  default void aCallThatIsNotInTimeIsToldWhereItWasOverEveryProtocol() throws Exception {
    busyServed();
    var both = new BothProtocols(platform());
    var rest = both.rest("busy", ENDLESS, "millrace-timeout", "200");
    BothProtocols.assertIs(ErrorCode.DEADLINE_EXCEEDED, rest);
    assertThat(rest.headers().firstValue("retry-after")).isEmpty();
    var details = ControlJson.lenient().readTree(rest.body()).path("details");
    assertThat(details.path("stage").asText()).isIn("admission", "queue", "execution");

    var grpc = both.grpc("busy", ENDLESS, Map.of("grpc-timeout", "200m"));
    assertThat(grpc.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(grpc.details().get("stage")).isIn("admission", "queue", "execution");
    assertThat(grpc.retryAfter()).as("RetryInfo").isEmpty();
    awaitOnTheirWay(0);
  }

  @Test
  default void aRunThatFailsIsToldAsSuchOverEveryProtocol() throws Exception {
    serving("failing", TinyModels.memoryOnDemand());
    var both = new BothProtocols(platform());
    var rest = both.rest("failing", TOO_MUCH);
    BothProtocols.assertIs(ErrorCode.MODEL_EXECUTION_FAILED, rest);
    assertThat(rest.headers().firstValue("retry-after")).isEmpty();
    var grpc = both.grpc("failing", TOO_MUCH, Map.of());
    assertThat(grpc.code()).isEqualTo(ErrorCode.MODEL_EXECUTION_FAILED);
    assertThat(grpc.details()).containsEntry("stage", "execution");
    assertThat(grpc.retryAfter()).as("RetryInfo").isEmpty();
    assertThat(both.rest("failing", SHORT).statusCode()).as("the next call").isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_JSON", "GRPC"})
  default void aCallerWhoGoesAwayIsCountedAsSuchAndHoldsNobodyUp(Transport transport)
      throws Exception {
    busyServed();
    double closed = closedByClients();
    double given = runsGivenUp();
    var both = new BothProtocols(platform());
    try (var pool = Executors.newSingleThreadExecutor()) {
      // Given a run without end and a call behind it
      var endless = OpenCall.of(platform(), transport, "busy", ENDLESS);
      awaitOnTheirWay(1);
      var next = pool.submit(() -> both.rest("busy", SHORT));
      awaitOnTheirWay(2);
      awaitWaiting(1);

      // When the first client goes away, then the other is served
      endless.close();
      assertThat(next.get().statusCode()).isEqualTo(200);
    }
    Awaitility.await("counted")
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> {
              assertThat(closedByClients()).isEqualTo(closed + 1);
              assertThat(runsGivenUp()).isEqualTo(given + 1);
            });
  }

  private double closedByClients() {
    var metrics = Metrics.of(platform());
    return metrics.sum("millrace_requests_total", "endpoint=\"busy\"", "code=\"499\"")
        + metrics.sum("millrace_requests_total", "endpoint=\"busy\"", "code=\"CANCELLED\"");
  }

  private double runsGivenUp() {
    return Metrics.of(platform())
        .sum("millrace_cancelled_total", "endpoint=\"busy\"", "stage=\"execution\"");
  }
}
