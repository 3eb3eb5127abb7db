package dev.millrace.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.runtime.server.oip.CallContext;
import dev.millrace.runtime.server.oip.Caller;
import dev.millrace.runtime.server.oip.Cancellation;
import dev.millrace.runtime.server.oip.GrpcReply;
import dev.millrace.runtime.server.oip.OipCall;
import dev.millrace.runtime.server.oip.OipGrpcHandler;
import dev.millrace.runtime.server.oip.OipHttpHandler;
import dev.millrace.runtime.server.oip.OipReply;
import dev.millrace.testkit.onnx.TinyModels;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What one request of a tiny model allocates between the handler's entry and its exit, on the
 * caller's thread and on the one that computes. Batches of one: nothing is shared with others, so
 * this is the most that a request costs. Compiled code allocates less than interpreted code, so
 * calls are made until the bound holds or the compiler must be through. What a transport hands in
 * is counted too: the call and its context, as they come in one process.
 */
@QuarkusTest
class AllocationIT {
  /**
   * The target is 4,096. What the compiler makes of the same code differs by some 5 % from one JVM
   * to the next: 4,090 to 4,500 bytes were seen. To be lowered, not raised.
   */
  private static final double MOST_BYTES = 4_800;

  private static final int COUNTED = 10_000;

  /** Features of a tensor that is large: 200 kB in memory. */
  private static final int WIDE = 50_000;

  /** Most runs of {@link #COUNTED} calls until the compiler is through. */
  private static final int MOST_RUNS = 20;

  @Inject FakeRegistry registry;
  @Inject OipHttpHandler http;
  @Inject OipGrpcHandler grpc;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private VersionKey version;

  @BeforeEach
  void deploy() {
    deploy("frugal", TinyModels.linear(4, 3));
  }

  private void deploy(String name, byte[] model) {
    version = registry.version(name, ModelManifest.EMPTY, Map.of("model.onnx", model));
    registry.load(version, ServingSpec.DEFAULT);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              var reported = registry.reported(version);
              return reported != null && reported.state() == ReplicaState.READY;
            });
  }

  @Test
  void jsonStaysBelowTheBound() {
    byte[] body =
        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,4],\"data\":[1.5,2.25,-3.125,400]}]}"
            .getBytes(StandardCharsets.UTF_8);
    measure("HTTP JSON", () -> callHttp(body, Map.of()));
  }

  @Test
  void binaryStaysBelowTheBound() {
    byte[] head =
        "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,4],\"parameters\":{\"binary_data_size\":16}}]}"
            .getBytes(StandardCharsets.UTF_8);
    byte[] body = Arrays.copyOf(head, head.length + 16);
    var headers = Map.of("inference-header-content-length", Integer.toString(head.length));
    measure("HTTP binary", () -> callHttp(body, headers));
  }

  @Test
  void grpcStaysBelowTheBound() {
    var request =
        new InferRequest(
            "frugal",
            "",
            "",
            Map.of(),
            List.of(Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4)),
            List.of());
    byte[] message = GrpcInferCodec.encodeRequest(request, GrpcEncoding.RAW).toByteArray();
    measure("gRPC", () -> callGrpc(message));
  }

  @Test
  void largeJsonTensorsAreNotMadeOnTheHeap() {
    var row = new StringBuilder("0.25");
    for (int i = 1; i < WIDE; i++) {
      row.append(",0.").append(1_000 + i % 9_000);
    }
    byte[] body =
        ("{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,"
                + WIDE
                + "],\"data\":["
                + row
                + "]}]}")
            .getBytes(StandardCharsets.UTF_8);
    deploy("frugal-wide", TinyModels.linear(WIDE, 3));
    double each = Double.MAX_VALUE;
    for (int run = 0; run < MOST_RUNS && each > WIDE; run++) {
      long before = allocated();
      for (int i = 0; i < 20; i++) {
        callHttp("frugal-wide", body, Map.of());
      }
      each = (allocated() - before) / 20.0;
    }
    System.out.printf("wide HTTP JSON: %.0f bytes a request%n", each);
    assertThat(each).as("bytes of heap, a tensor having %d", WIDE * 4).isBetween(100.0, 1.0 * WIDE);
  }

  private void callHttp(byte[] body, Map<String, String> headers) {
    callHttp("frugal", body, headers);
  }

  private void callHttp(String model, byte[] body, Map<String, String> headers) {
    var call =
        new OipCall(
            "POST", "/v2/models/" + model + "/infer", headers, ByteBuffer.wrap(body), newContext());
    try (OipReply reply = http.handle(call).toCompletableFuture().join()) {
      assertThat(reply.status() == 200).isTrue();
    }
  }

  private void callGrpc(byte[] message) {
    var reply = grpc.handle("ModelInfer", ByteBuffer.wrap(message), newContext());
    try (GrpcReply answer = reply.toCompletableFuture().join()) {
      assertThat(answer.size() > 0).isTrue();
    }
  }

  private CallContext newContext() {
    return new CallContext(
        "0123456789abcdef",
        version,
        "frugal",
        CallContext.NO_DEADLINE,
        Caller.UNKNOWN,
        null,
        new Cancellation());
  }

  private void measure(String what, Runnable call) {
    double each = Double.MAX_VALUE;
    for (int run = 0; run < MOST_RUNS && each > MOST_BYTES; run++) {
      long before = allocated();
      for (int i = 0; i < COUNTED; i++) {
        call.run();
      }
      each = (allocated() - before) / (double) COUNTED;
    }
    System.out.printf("%s: %.0f bytes a request%n", what, each);
    assertThat(each).as("%s: bytes allocated a request", what).isBetween(100.0, MOST_BYTES);
  }

  private static boolean isComputing(String thread) {
    return thread.startsWith("millrace-batch-frugal") || thread.startsWith("millrace-worker");
  }

  /** Of this thread and of those that read large bodies and compute batches of the model. */
  private long allocated() {
    long bytes = threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
    for (long id : threads.getAllThreadIds()) {
      var info = threads.getThreadInfo(id);
      if (info != null && isComputing(info.getThreadName())) {
        bytes += threads.getThreadAllocatedBytes(id);
      }
    }
    return bytes;
  }
}
