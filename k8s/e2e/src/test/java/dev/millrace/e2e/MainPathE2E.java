package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.client.ClientOptions;
import dev.millrace.client.Credentials;
import dev.millrace.client.InferCall;
import dev.millrace.client.Millrace;
import dev.millrace.client.Transport;
import dev.millrace.client.UploadListener;
import dev.millrace.e2e.support.MiniLm;
import dev.millrace.e2e.support.PlainHttp;
import dev.millrace.e2e.support.Platform;
import dev.millrace.e2e.support.Rollouts;
import dev.millrace.e2e.support.ServerProcess;
import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.testkit.bundle.MiniLmFiles;
import dev.millrace.testkit.onnx.TinyModels;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job on the built distribution in one process: upload, deploy, call, change, go back. */
class MainPathE2E {
  private static final float EXACT = 1e-5f;
  private static final List<String> SENTENCES =
      List.of(
          "A mill race carries water to the wheel.",
          "Water drives the mill.",
          "The stock market fell sharply on Monday, and nobody at the table knew why.");

  @TempDir static Path directory;

  private static Platform platform;
  private static MiniLm miniLm;
  private static Millrace client;

  @BeforeAll
  static void deployMiniLm() throws Exception {
    platform = Platform.standalone(directory, ServerProcess.freePort());
    miniLm = new MiniLm();
    client = connect(Transport.GRPC);
    Rollouts.deploy(client, "minilm", miniLm.bundle(directory));
  }

  @AfterAll
  static void stop() throws Exception {
    if (client != null) {
      client.close();
    }
    if (miniLm != null) {
      miniLm.close();
    }
    if (platform != null) {
      platform.close();
    }
  }

  @Test
  void everyFormOfTheTensorRequestEqualsOnnxRuntime() throws Exception {
    for (String sentence : SENTENCES) {
      long[] ids = miniLm.tokenize(sentence);
      float[] expected = miniLm.lastHiddenState(ids);

      for (Transport transport : Transport.values()) {
        try (var other = connect(transport)) {
          var result = other.endpoint("minilm").infer(InferCall.of(MiniLmFiles.inputs(ids)));
          assertThat(floats(result.floats(miniLm.outputName())))
              .as("%s: %s", transport, sentence)
              .containsExactly(expected, within(EXACT));
        }
      }
      assertThat(typedGrpc(ids)).as("typed contents").containsExactly(expected, within(EXACT));
    }
  }

  @Test
  void embeddingsEqualTheReference() throws Exception {
    var embeddings = client.embeddings("minilm", SENTENCES);

    for (int i = 0; i < SENTENCES.size(); i++) {
      assertThat(embeddings.vectors().get(i))
          .as(SENTENCES.get(i))
          .containsExactly(miniLm.embedding(SENTENCES.get(i)), within(EXACT));
    }
    assertThat(embeddings.promptTokens())
        .isEqualTo(SENTENCES.stream().mapToLong(text -> miniLm.tokenize(text).length).sum());
  }

  @Test
  void sixteenCallersGetTheirOwnAnswersForHalfAMinuteOnBothProtocols() throws Exception {
    Rollouts.deploy(
        client, "rows", Files.write(directory.resolve("rows.onnx"), TinyModels.linear(4, 3)));

    for (Transport transport : List.of(Transport.HTTP_BINARY, Transport.GRPC)) {
      long end = System.nanoTime() + 30_000_000_000L;
      try (var shared = connect(transport);
          var pool = Executors.newFixedThreadPool(16)) {
        var callers = new ArrayList<Callable<Long>>();
        for (int i = 0; i < 16; i++) {
          callers.add(() -> callUntil(shared, end));
        }
        long calls = 0;
        for (var caller : pool.invokeAll(callers)) {
          calls += caller.get();
        }
        assertThat(calls).as("calls over %s", transport).isGreaterThan(1_000);
      }
    }
  }

  @Test
  void aSecondVersionTakesOverWithoutALostCallAndRollbackReturns() throws Exception {
    Path first = Files.write(directory.resolve("v1.onnx"), TinyModels.linear(4, 3));
    Path second = Files.write(directory.resolve("v2.onnx"), TinyModels.linear(4, 2));
    Rollouts.deploy(client, "switch", first);
    var answers = new java.util.concurrent.ConcurrentLinkedQueue<String>();
    var stop = new java.util.concurrent.atomic.AtomicBoolean();
    try (var pool = Executors.newSingleThreadExecutor()) {
      var caller =
          pool.submit(
              () -> {
                while (!stop.get()) {
                  answers.add(
                      client
                          .endpoint("switch")
                          .infer(Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4))
                          .version());
                }
                return null;
              });

      Rollouts.deploy(client, "switch", second);
      Rollouts.awaitVersion(client, "switch", "2");
      client.control().revert("switch");
      Rollouts.awaitVersion(client, "switch", "1");
      stop.set(true);

      caller.get();
    }
    assertThat(answers).contains("1", "2");
  }

  @Test
  void sameContentIsTheSameVersion() throws Exception {
    Path file = Files.write(directory.resolve("same.onnx"), TinyModels.linear(5, 2));

    var first = client.control().uploadVersion("same", file, UploadListener.NONE);
    var again = client.control().uploadVersion("same", file, UploadListener.NONE);

    assertThat(again.version()).isEqualTo(first.version()).isEqualTo(1);
    assertThat(client.control().versions("same")).hasSize(1);
  }

  @Test
  void aModelThatDoesNotLoadIsRejectedWithTheReasonAndThePlatformGoesOn() throws Exception {
    Path broken = Files.write(directory.resolve("broken.onnx"), TinyModels.brokenGraph());

    var version = client.control().uploadVersion("broken", broken, UploadListener.NONE);
    var rejected = Rollouts.awaitRejected(client, "broken", version.version());
    assertThat(rejected.reason()).contains("NoSuchOperator");
    var spec = new EndpointSpec("broken", version.version(), null, null, null);
    assertThatThrownBy(() -> client.control().putEndpoint("broken", spec, OptionalLong.empty()))
        .isInstanceOfSatisfying(
            MillraceException.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(ErrorCode.MODEL_REJECTED);
              assertThat(refused.message()).contains("NoSuchOperator");
            });
    assertThat(client.embeddings("minilm", List.of("still here")).vectors()).hasSize(1);
  }

  @Test
  void metricsTellOfCallsAndAreNotOnTheDataPort() throws Exception {
    client.embeddings("minilm", List.of("count me"));

    String metrics = get(platform.managementUrl().resolve("/q/metrics")).body();

    assertThat(metrics)
        .contains("millrace_requests_total{")
        .contains("endpoint=\"minilm\"")
        .contains("millrace_request_duration_seconds_bucket{")
        .contains("millrace_queue_duration_seconds_bucket{")
        .contains("millrace_compute_duration_seconds_bucket{")
        .contains("millrace_batch_size_bucket{");
    assertThat(get(platform.url().resolve("/q/metrics")).statusCode()).isIn(401, 404);
    assertThat(get(platform.url().resolve("/v2/health/ready")).statusCode()).isEqualTo(200);
  }

  @Test
  void registryAndRuntimeHaveNoDoorOfTheirOwn() throws Exception {
    assertThat(get(platform.url().resolve("/api/v1/models")).statusCode()).isEqualTo(401);
    assertThat(
            get(platform.url().resolve("/internal/v1/snapshot?after=0&for=gateway")).statusCode())
        .isIn(401, 404);
  }

  private static long callUntil(Millrace shared, long end) {
    var random = ThreadLocalRandom.current();
    long calls = 0;
    while (System.nanoTime() < end) {
      int rows = 1 + random.nextInt(3);
      float[] x = new float[rows * 4];
      for (int i = 0; i < x.length; i++) {
        x[i] = random.nextInt(-50, 50);
      }
      float[] y =
          floats(shared.endpoint("rows").infer(Tensors.float32("x", x, rows, 4)).floats("y"));
      for (int row = 0; row < rows; row++) {
        float[] expected =
            TinyModels.linearRow(java.util.Arrays.copyOfRange(x, row * 4, row * 4 + 4), 3);
        assertThat(java.util.Arrays.copyOfRange(y, row * 3, row * 3 + 3))
            .containsExactly(expected, within(1e-3f));
      }
      calls++;
    }
    return calls;
  }

  private static Millrace connect(Transport transport) {
    return Millrace.connect(
        platform.url().toString(),
        Credentials.apiKey(platform.key()),
        ClientOptions.DEFAULT.withTransport(transport));
  }

  /** A stock stub with typed contents, as clients without raw support send them. */
  private static float[] typedGrpc(long[] ids) throws InterruptedException {
    ManagedChannel channel =
        Grpc.newChannelBuilder(platform.grpcTarget(), InsecureChannelCredentials.create()).build();
    try {
      var headers = new Metadata();
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
          "Bearer " + platform.key());
      var stub =
          GRPCInferenceServiceGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
      var request =
          new InferRequest("minilm", "", "", Map.of(), MiniLmFiles.inputs(ids), List.of());
      var answer =
          GrpcInferCodec.decodeResponse(
              stub.modelInfer(GrpcInferCodec.encodeRequest(request, GrpcEncoding.TYPED)));
      return floats(Tensors.floats(answer.outputs().getFirst()));
    } finally {
      channel.shutdownNow();
    }
  }

  private static HttpResponse<String> get(URI uri) throws Exception {
    try (var http = PlainHttp.client()) {
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private static float[] floats(FloatBuffer buffer) {
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }
}
