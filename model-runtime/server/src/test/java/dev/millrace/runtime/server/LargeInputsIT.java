package dev.millrace.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.oip.EncodedBody;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.TensorEncoding;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.runtime.server.body.BodyMemory;
import dev.millrace.runtime.server.config.ListeningPorts;
import dev.millrace.testkit.onnx.TinyModels;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Inputs that lie in pooled memory while they are computed. */
@QuarkusTest
class LargeInputsIT {
  @Inject FakeRegistry registry;
  @Inject ListeningPorts ports;
  @Inject BodyMemory bodies;

  @TestHTTPResource("/")
  URI base;

  private VersionKey deploy(String model, byte[] onnx) {
    VersionKey key = registry.version(model, ModelManifest.EMPTY, Map.of("model.onnx", onnx));
    registry.load(key, ServingSpec.DEFAULT);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              var reported = registry.reported(key);
              return reported != null && reported.state() == ReplicaState.READY;
            });
    return key;
  }

  @ParameterizedTest
  @EnumSource(TensorEncoding.class)
  void largeInputsOfManyCallersAreNotMixedUp(TensorEncoding encoding) {
    VersionKey echo = deploy("echo", TinyModels.identity(DataType.FP32));
    try (var caller = new RuntimeCaller(base, ports.grpc())) {
      callAll(echo, caller, encoding);
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> bodies.heldBytes() == 0);
    if (encoding == TensorEncoding.BINARY) {
      assertThat(bodies.keptBytes()).as("the bodies were pooled").isPositive();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"unknown", "echo"})
  void theMemoryOfBinaryBodiesThatAreNotComputedIsGivenBack(String model) {
    deploy("echo", TinyModels.identity(DataType.FP32));
    var target = new VersionKey("default", model, model.equals("unknown") ? 1 : 999);
    try (var caller = new RuntimeCaller(base, ports.grpc())) {
      var values = new float[50_000];
      assertThatThrownBy(
              () ->
                  caller.infer(
                      target,
                      List.of(Tensors.float32("x", values, values.length / 4, 4)),
                      TensorEncoding.BINARY))
          .hasMessageContaining("NOT_FOUND");
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> bodies.heldBytes() == 0);
  }

  private void callAll(VersionKey echo, RuntimeCaller caller, TensorEncoding encoding) {
    var calls =
        IntStream.range(0, 60)
            .mapToObj(
                number ->
                    CompletableFuture.runAsync(
                        () -> {
                          var values = new float[20_000];
                          Arrays.fill(values, number + 0.5f);
                          if (number % 3 == 0) {
                            hangUp(echo, values, encoding);
                            return;
                          }
                          var answer =
                              caller.infer(
                                  echo,
                                  List.of(Tensors.float32("x", values, values.length / 4, 4)),
                                  encoding);
                          assertThat(Tensors.floatArray(answer.outputs().get(0)))
                              .hasSize(values.length)
                              .containsOnly(number + 0.5f);
                        },
                        Thread::startVirtualThread))
            .toList();

    calls.forEach(CompletableFuture::join);
  }

  /** Sends a call and leaves without its answer, perhaps while it is computed. */
  private void hangUp(VersionKey target, float[] values, TensorEncoding encoding) {
    var request =
        new InferRequest(
            "",
            "",
            "",
            Map.of(),
            List.of(Tensors.float32("x", values, values.length / 4, 4)),
            List.of());
    EncodedBody encoded = HttpInferCodec.encodeRequest(request, encoding);
    byte[] body = bytes(encoded.joined());
    var head = new StringBuilder("POST /v2/models/echo/infer HTTP/1.1\r\nhost: x\r\n");
    RuntimeCaller.headers(target)
        .forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    if (encoding == TensorEncoding.BINARY) {
      head.append("inference-header-content-length: ").append(encoded.jsonLength()).append("\r\n");
    }
    head.append("content-length: ").append(body.length).append("\r\n\r\n");
    try (var socket = new Socket(base.getHost(), base.getPort())) {
      socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().write(body);
      socket.getOutputStream().flush();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
