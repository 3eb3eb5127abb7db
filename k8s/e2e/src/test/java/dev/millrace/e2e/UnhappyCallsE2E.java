package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.client.ClientOptions;
import dev.millrace.client.Credentials;
import dev.millrace.client.InferCall;
import dev.millrace.client.Millrace;
import dev.millrace.client.Transport;
import dev.millrace.e2e.support.Metrics;
import dev.millrace.e2e.support.OpenCall;
import dev.millrace.e2e.support.Platform;
import dev.millrace.e2e.support.Rollouts;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.testkit.onnx.TinyModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Calls that nobody waits for, that come too late or fail, on the built distribution: they cost
 * themselves and nobody else.
 */
class UnhappyCallsE2E {
  /** A tenth of a second to a whole one. */
  private static final int STEPS = 400_000;

  /** Steps more: minutes. */
  private static final float[] ENDLESS = {100_000_000, 0, 0, 0};

  private static final float[] SHORT = {0.5f, 0, 0, 0};

  /** What no machine has: the run fails, and not by a wrong input. */
  private static final float[] TOO_MUCH = {1e18f, 0, 0, 0};

  private static final int PLACES = 12;

  /** Runs before each try: more than the scheduler wants to have seen at the least. */
  private static final int KNOWN_WELL = 10;

  /** Far less than the calls on all places take together. */
  private static final Duration HASTE = Duration.ofMillis(250);

  @TempDir static Path directory;

  private static Platform platform;
  private static Millrace http;
  private static Millrace grpc;

  @BeforeAll
  static void start() throws Exception {
    platform = Platform.standalone(directory);
    http = connect(Transport.HTTP_JSON);
    grpc = connect(Transport.GRPC);
    // Nothing is joined and a few may wait.
    var one = new ServingSpec("60s", 1, null, PLACES);
    Rollouts.deploy(grpc, "slow", file("slow", TinyModels.slowOnDemand(STEPS)), one);
  }

  @AfterAll
  static void stop() {
    if (grpc != null) {
      grpc.close();
    }
    if (http != null) {
      http.close();
    }
    if (platform != null) {
      platform.close();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_JSON", "GRPC"})
  void aRunThatNobodyWaitsForIsStopped(Transport transport) throws Exception {
    double cancelled = executionsCancelled();
    double saved = secondsSaved();
    try (var pool = Executors.newSingleThreadExecutor()) {
      // Given a run that would take minutes, and a call that waits for its end
      var endless = OpenCall.of(platform, transport, "slow", ENDLESS);
      awaitGauge("millrace_upstream_inflight", "", 1);
      long start = System.nanoTime();
      var next = pool.submit(() -> grpc.endpoint("slow").infer(row(SHORT)).version());
      awaitGauge("millrace_queue_depth", "endpoint=\"slow\"", 1);

      // When the first client goes away
      endless.close();

      // Then its run ends and the next call is served
      assertThat(next.get()).isEqualTo("1");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }
    assertThat(executionsCancelled()).isEqualTo(cancelled + 1);
    assertThat(secondsSaved()).as("seconds saved").isGreaterThan(saved);
  }

  @Test
  void aCallThatCannotBeInTimeIsToldAtOnce() {
    // A version turns calls away once it knows its time well: how many runs that takes depends on
    // how evenly the machine runs them.
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(UnhappyCallsE2E::hastyCallsAreTurnedAwayAfterSomeRuns);
  }

  private static void hastyCallsAreTurnedAwayAfterSomeRuns() throws Exception {
    for (int i = 0; i < KNOWN_WELL; i++) {
      grpc.endpoint("slow").infer(row(SHORT));
    }
    double late = refusedAsLate();
    var open = new ArrayList<OpenCall>();
    try {
      open.add(OpenCall.of(platform, Transport.GRPC, "slow", ENDLESS));
      awaitGauge("millrace_upstream_inflight", "", 1);
      for (int i = 1; i < PLACES; i++) {
        open.add(OpenCall.of(platform, Transport.GRPC, "slow", SHORT));
      }
      awaitGauge("millrace_queue_depth", "endpoint=\"slow\"", PLACES - 1);

      // When one more comes that is in haste, it is not queued
      for (Millrace client : List.of(http, grpc)) {
        long start = System.nanoTime();
        var refused = refusal(client, InferCall.of(row(SHORT)).withDeadline(HASTE));
        assertThat(refused.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
        assertThat(refused.details()).containsEntry("stage", "admission");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(HASTE);
      }
    } finally {
      open.reversed().forEach(OpenCall::close);
      awaitGauge("millrace_queue_depth", "endpoint=\"slow\"", 0);
    }
    assertThat(refusedAsLate()).isEqualTo(late + 2);
  }

  private static double refusedAsLate() {
    return Metrics.of(platform)
        .sum("millrace_rejected_total", "reason=\"deadline\"", "where=\"runtime\"");
  }

  @Test
  void aCallForWhichThereIsNoPlaceIsToldAtOnce() throws Exception {
    double full = Metrics.of(platform).sum("millrace_rejected_total", "reason=\"queue_full\"");
    var open = new ArrayList<OpenCall>();
    try {
      // Given a run that goes on and a queue with one place
      open.add(OpenCall.of(platform, Transport.GRPC, "slow", ENDLESS));
      awaitGauge("millrace_upstream_inflight", "", 1);
      for (int i = 1; i < PLACES; i++) {
        open.add(OpenCall.of(platform, Transport.GRPC, "slow", SHORT));
      }
      awaitGauge("millrace_queue_depth", "endpoint=\"slow\"", PLACES - 1);

      // When the last place is taken, no further call is queued
      open.add(OpenCall.of(platform, Transport.GRPC, "slow", SHORT));
      awaitGauge("millrace_queue_depth", "endpoint=\"slow\"", PLACES);
      for (Millrace client : List.of(http, grpc)) {
        var refused = refusal(client, InferCall.of(row(SHORT)));
        assertThat(refused.code()).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(refused.details()).containsEntry("reason", "queue_full");
        assertThat(refused.retryAfter()).contains(Duration.ofSeconds(1));
      }
    } finally {
      open.reversed().forEach(OpenCall::close);
    }
    awaitGauge("millrace_queue_depth", "endpoint=\"slow\"", 0);
    var after = Metrics.of(platform);
    assertThat(after.sum("millrace_rejected_total", "reason=\"queue_full\"")).isEqualTo(full + 2);
  }

  @Test
  void oneBadRowOfABatchFailsAlone() throws Exception {
    // Given a model whose calls are joined: each waits a moment for company
    Rollouts.deploy(
        grpc,
        "table",
        file("table", TinyModels.gatherEmbedding(10, 2)),
        new ServingSpec("30s", 16, "300ms", null));
    var before = Metrics.of(platform);

    // When one of sixteen calls names a row that the table does not have
    var calls = new ArrayList<CompletableFuture<float[]>>();
    try (var pool = Executors.newFixedThreadPool(16)) {
      for (int i = 0; i < 16; i++) {
        long id = i == 5 ? 99 : i % 10;
        var client = i % 2 == 0 ? http : grpc;
        calls.add(CompletableFuture.supplyAsync(() -> lookUp(client, id), pool));
      }
    }

    // Then that one is told so, and the others have their answers
    for (int i = 0; i < 16; i++) {
      if (i == 5) {
        assertThat(calls.get(i))
            .failsWithin(Duration.ZERO)
            .withThrowableThat()
            .havingCause()
            .isInstanceOfSatisfying(
                MillraceException.class,
                failure -> {
                  assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
                  assertThat(failure.details()).containsEntry("stage", "execution");
                });
      } else {
        assertThat(calls.get(i).join()).containsExactly(2f * (i % 10), 2f * (i % 10) + 1);
      }
    }
    var after = Metrics.of(platform);
    double batches = after.sum("millrace_batch_size_count", "endpoint=\"table\"");
    double rows = after.sum("millrace_batch_size_sum", "endpoint=\"table\"");
    assertThat(rows - before.sum("millrace_batch_size_sum", "endpoint=\"table\"")).isEqualTo(16);
    assertThat(batches - before.sum("millrace_batch_size_count", "endpoint=\"table\""))
        .as("batches of the sixteen calls")
        .isLessThan(16);
    assertThat(http.endpoint("table").ready()).isTrue();
  }

  @Test
  void aVersionWhoseRunsKeepFailingIsOutOfServiceUntilOneGoesWell() throws Exception {
    Rollouts.deploy(grpc, "hungry", file("hungry", TinyModels.memoryOnDemand()));
    assertThat(grpc.endpoint("hungry").infer(row(SHORT)).version()).isEqualTo("1");

    // When its runs fail one after the other
    var codes = new ArrayList<ErrorCode>();
    MillraceException last;
    do {
      last = refusal(grpc, "hungry", InferCall.of(row(TOO_MUCH)));
      codes.add(last.code());
    } while (last.code() == ErrorCode.MODEL_EXECUTION_FAILED && codes.size() < 60);

    // Then calls are refused without a run, with the reason and when to come back
    assertThat(codes).hasSizeBetween(11, 59);
    assertThat(last.code()).isEqualTo(ErrorCode.MODEL_NOT_READY);
    assertThat(last.retryAfter()).isPresent();
    assertThat(last.message()).contains("hungry");
    var refusedToo = refusal(http, "hungry", InferCall.of(row(SHORT)));
    assertThat(refusedToo.code()).isEqualTo(ErrorCode.MODEL_NOT_READY);
    assertThat(http.endpoint("hungry").ready()).isFalse();
    Awaitility.await("the status says so")
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> {
              // Should the pause be over meanwhile, this one begins the next.
              refusal(grpc, "hungry", InferCall.of(row(TOO_MUCH)));
              var status = grpc.control().status("hungry");
              assertThat(status.ready()).isFalse();
              assertThat(status.waitingFor()).contains("its runs keep failing");
            });
    assertThat(grpc.endpoint("slow").ready()).as("the others").isTrue();

    // And after a pause one call that goes well brings it back
    Awaitility.await("in service again")
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsInstanceOf(MillraceException.class)
        .until(() -> grpc.endpoint("hungry").infer(row(SHORT)).version().equals("1"));
    Awaitility.await("ready again")
        .atMost(Duration.ofSeconds(10))
        .until(() -> http.endpoint("hungry").ready() && grpc.control().status("hungry").ready());
  }

  private static float[] lookUp(Millrace client, long id) {
    var y = client.endpoint("table").infer(Tensors.int64("ids", new long[] {id}, 1, 1)).floats("y");
    return new float[] {y.get(0), y.get(1)};
  }

  private static MillraceException refusal(Millrace client, InferCall call) {
    return refusal(client, "slow", call);
  }

  private static MillraceException refusal(Millrace client, String model, InferCall call) {
    var refused =
        catchThrowableOfType(MillraceException.class, () -> client.endpoint(model).infer(call));
    assertThat(refused).as("a refusal").isNotNull();
    return refused;
  }

  private static void awaitGauge(String name, String label, double value) {
    Awaitility.await(name + label + " is " + value)
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> Metrics.of(platform).sum(name, label) == value);
  }

  private static double executionsCancelled() {
    return Metrics.of(platform)
        .sum("millrace_cancelled_total", "endpoint=\"slow\"", "stage=\"execution\"");
  }

  private static double secondsSaved() {
    return Metrics.of(platform).sum("millrace_cancelled_saved_seconds_total", "endpoint=\"slow\"");
  }

  private static Tensor row(float[] values) {
    return Tensors.float32("x", values, 1, values.length);
  }

  private static Path file(String name, byte[] onnx) throws Exception {
    return Files.write(directory.resolve(name + ".onnx"), onnx);
  }

  private static Millrace connect(Transport transport) {
    return Millrace.connect(
        platform.url().toString(),
        Credentials.apiKey(platform.key()),
        ClientOptions.DEFAULT.withTransport(transport));
  }
}
