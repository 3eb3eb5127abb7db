package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.client.ClientOptions;
import dev.millrace.client.Credentials;
import dev.millrace.client.InferCall;
import dev.millrace.client.Millrace;
import dev.millrace.client.Transport;
import dev.millrace.e2e.support.Metrics;
import dev.millrace.e2e.support.MiniLm;
import dev.millrace.e2e.support.Platform;
import dev.millrace.e2e.support.Rollouts;
import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.Profile.Finding;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.testkit.bundle.MiniLmFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real models through the built distribution: whose requests are joined, and what they answer. */
class BatchingE2E {
  private static final float EXACT = 1e-5f;
  private static final int CALLERS = 16;
  private static final int[] LENGTHS = {4, 9, 17, 6, 31, 12, 48, 24, 5, 96, 14, 7, 64, 20, 10, 39};

  @TempDir static Path directory;

  private static Platform platform;
  private static Millrace http;
  private static Millrace grpc;

  @BeforeAll
  static void start() throws Exception {
    platform = Platform.standalone(directory);
    http = connect(Transport.HTTP_BINARY);
    grpc = connect(Transport.GRPC);
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

  @Test
  void requestsOfUnequalLengthShareBatchesAndAnswerAsEachAlone() throws Exception {
    try (var miniLm = new MiniLm()) {
      var version = Rollouts.deploy(grpc, "minilm", miniLm.bundle(directory));
      var profile = grpc.control().profile("minilm", version.version());
      assertThat(profile.batching().holds()).isEqualTo(Finding.YES);
      assertThat(profile.padding().holds()).isEqualTo(Finding.YES);
      var before = Metrics.of(platform);

      // When each of sixteen callers sends sentences of every length, in an order of its own
      var callers = new ArrayList<Callable<Void>>();
      for (int i = 0; i < CALLERS; i++) {
        int caller = i;
        callers.add(() -> sentencesOfEveryLength(miniLm, caller));
      }
      together(callers);

      // Then they were joined and padded
      var after = Metrics.of(platform);
      double batches = grown(before, after, "millrace_batch_size_count", "minilm");
      double rows = grown(before, after, "millrace_batch_size_sum", "minilm");
      assertThat(rows).isEqualTo(CALLERS * LENGTHS.length);
      assertThat(rows / batches).as("rows a batch").isGreaterThan(1.2);
      assertThat(grown(before, after, "millrace_padding_ratio_sum", "minilm")).isPositive();
    }
  }

  /** Each answer must be what ONNX Runtime says of that sentence by itself. */
  private static Void sentencesOfEveryLength(MiniLm miniLm, int caller) throws Exception {
    var random = new Random(caller);
    for (int i = 0; i < LENGTHS.length; i++) {
      long[] ids = MiniLmFiles.sentence(random, LENGTHS[(i + caller) % LENGTHS.length]);
      var client = i % 2 == 0 ? http : grpc;
      var answer =
          client
              .endpoint("minilm")
              .infer(InferCall.of(MiniLmFiles.inputs(ids)))
              .floats(miniLm.outputName());
      float[] values = new float[answer.remaining()];
      answer.get(values);
      assertThat(values)
          .as("caller %d, %d tokens", caller, ids.length)
          .containsExactly(miniLm.lastHiddenState(ids), within(EXACT));
    }
    return null;
  }

  @Test
  void aModelWhoseAnswersDependOnCompanyRunsAloneUnlessItsOwnerSaysOtherwise() throws Exception {
    // Given the int8 twin, of which admission has seen that a batch changes its answers
    Path file = Files.write(directory.resolve("int8.onnx"), MiniLmFiles.int8());
    var version = Rollouts.deploy(grpc, "int8", file).version();
    assertThat(grpc.control().profile("int8", version).batching().holds()).isEqualTo(Finding.NO);

    // Then calls that come together are not joined
    var before = Metrics.of(platform);
    together(equalSentences());
    var alone = Metrics.of(platform);
    assertThat(grown(before, alone, "millrace_batch_size_count", "int8")).isEqualTo(CALLERS * 4);
    assertThat(grown(before, alone, "millrace_batch_size_sum", "int8")).isEqualTo(CALLERS * 4);

    // Unless the owner names a batch size
    var spec =
        new EndpointSpec("int8", version, null, new ServingSpec(null, 8, "20ms", null), null);
    grpc.control().putEndpoint("int8", spec, OptionalLong.empty());
    Awaitility.await("batches of more than one row")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              var earlier = Metrics.of(platform);
              together(equalSentences());
              var later = Metrics.of(platform);
              assertThat(grown(earlier, later, "millrace_batch_size_sum", "int8"))
                  .isGreaterThan(grown(earlier, later, "millrace_batch_size_count", "int8"));
            });
  }

  private static List<Callable<Void>> equalSentences() {
    var callers = new ArrayList<Callable<Void>>();
    for (int i = 0; i < CALLERS; i++) {
      var random = new Random(i);
      callers.add(
          () -> {
            for (int call = 0; call < 4; call++) {
              var answer =
                  grpc.endpoint("int8")
                      .infer(InferCall.of(MiniLmFiles.inputs(MiniLmFiles.sentence(random, 16))));
              assertThat(answer.outputs().getFirst().shape()).startsWith(1, 16);
            }
            return null;
          });
    }
    return callers;
  }

  private static void together(List<Callable<Void>> callers) throws Exception {
    try (var pool = Executors.newFixedThreadPool(callers.size())) {
      for (var caller : pool.invokeAll(callers)) {
        caller.get();
      }
    }
  }

  private static double grown(Metrics before, Metrics after, String name, String endpoint) {
    var label = "endpoint=\"" + endpoint + "\"";
    return after.sum(name, label) - before.sum(name, label);
  }

  private static Millrace connect(Transport transport) {
    return Millrace.connect(
        platform.url().toString(),
        Credentials.apiKey(platform.key()),
        ClientOptions.DEFAULT.withTransport(transport));
  }
}
