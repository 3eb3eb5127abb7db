package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.ClientOptions;
import dev.millrace.client.Credentials;
import dev.millrace.client.InferCall;
import dev.millrace.client.Millrace;
import dev.millrace.client.Transport;
import dev.millrace.e2e.support.Fetched;
import dev.millrace.e2e.support.SharedPlatform;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelMetadataRequest;
import dev.millrace.protocol.grpc.ModelStreamInferResponse;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.testkit.bundle.MiniLmFiles;
import dev.millrace.testkit.bundle.TarBytes;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same request in five forms gives the same bits, for models that people use. */
@ExtendWith(SharedPlatform.class)
class BitEqualityE2E {
  private static final int TOKENS = 12;
  private static final int FRAME = 512;
  private static final int FRAMES = 24;
  private static final int RATE = 16_000;

  private SharedPlatform.Running running;
  private ManagedChannel channel;
  private Metadata headers;

  @BeforeEach
  void connect(SharedPlatform.Running platform) {
    running = platform;
    channel =
        ManagedChannelBuilder.forTarget(platform.platform().grpcTarget()).usePlaintext().build();
    headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + platform.platform().key());
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
  }

  private static byte[] onnx(String model) throws IOException {
    return switch (model) {
      case "minilm-fp32" -> MiniLmFiles.onnx();
      case "minilm-int8" -> MiniLmFiles.int8();
      case "e5-int8" -> resource("/e5-small-v2-q.onnx");
      case "ppocr-cls" -> resource("/models/ch_ppocr_mobile_v2.0_cls_infer.onnx");
      default -> Fetched.model(model + ".onnx");
    };
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = BitEqualityE2E.class.getResourceAsStream(name)) {
      assertThat(in).as(name + " on the class path").isNotNull();
      return in.readAllBytes();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"minilm-fp32", "minilm-int8", "e5-int8", "ppocr-cls", "silero", "blazeface"})
  void fiveFormsOfARequestGiveTheSameBits(String model) throws Exception {
    running.serving(model, onnx(model));
    List<Tensor> inputs = inputs(model);

    var answers = new LinkedHashMap<String, Map<String, ByteBuffer>>();
    for (Transport transport :
        List.of(Transport.HTTP_JSON, Transport.HTTP_BINARY, Transport.GRPC)) {
      answers.put(transport.name(), bits(call(transport, model, inputs)));
    }
    var request = new InferRequest(model, "", "", Map.of(), inputs, List.of());
    answers.put("typed", bits(unary(request, GrpcEncoding.TYPED).outputs()));
    answers.put("stream", bits(stream(request)));

    var reference = answers.firstEntry().getValue();
    assertThat(reference).isNotEmpty();
    answers.forEach((form, bits) -> assertThat(bits).as(form).isEqualTo(reference));
  }

  @Test
  void aSpeechDetectorKeepsItsStateAsIfThatWerePassedByHand() throws Exception {
    byte[] model = Fetched.model("silero.onnx");
    byte[] manifest = "states: {state: stateN}\n".getBytes(StandardCharsets.UTF_8);
    running
        .serving("silero", model)
        .serving(
            "silero-sequence",
            new TarBytes().file("model.onnx", model).file("millrace.yaml", manifest).end());
    Tensor state = Tensors.float32("state", new float[2 * 128], 2, 1, 128);
    var distinct = new java.util.HashSet<ByteBuffer>();
    for (int i = 0; i < FRAMES; i++) {
      Tensor frame = Tensors.float32("input", frame(i), 1, FRAME);
      Tensor rate = scalar("sr", RATE);
      var byHand =
          unary(
              new InferRequest("silero", "", "", Map.of(), List.of(frame, state, rate), List.of()),
              GrpcEncoding.RAW);
      Map<String, Object> sequence = new HashMap<>(Map.of("sequence_id", "speech"));
      if (i == 0) {
        sequence.put("sequence_start", true);
      }
      if (i == FRAMES - 1) {
        sequence.put("sequence_end", true);
      }
      var kept =
          unary(
              new InferRequest(
                  "silero-sequence", "", "", sequence, List.of(frame, rate), List.of()),
              GrpcEncoding.RAW);

      assertThat(kept.outputs()).extracting(Tensor::name).containsExactly("output");
      ByteBuffer probability = bits(kept.outputs()).get("output");
      assertThat(probability).as("frame %d", i).isEqualTo(bits(byHand.outputs()).get("output"));
      distinct.add(probability);
      state = find(byHand.outputs(), "stateN").renamed("state");
    }
    assertThat(distinct).as("different probabilities").hasSizeGreaterThan(FRAMES / 2);
  }

  /** A tone that swells and fades, with some noise. */
  private static float[] frame(int number) {
    var random = new Random(number);
    var frame = new float[FRAME];
    for (int i = 0; i < FRAME; i++) {
      double time = (number * FRAME + i) / (double) RATE;
      double volume = Math.sin(time * 8);
      frame[i] =
          (float)
              (volume * Math.sin(time * 2 * Math.PI * 220) * 0.5 + random.nextGaussian() * 0.01);
    }
    return frame;
  }

  private static Tensor find(List<Tensor> tensors, String name) {
    return tensors.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
  }

  private static Tensor scalar(String name, long value) {
    return Tensors.int64(name, new long[] {value});
  }

  /** Inputs as the model's metadata ask for, of sizes and values that make sense to it. */
  private List<Tensor> inputs(String model) {
    var stub =
        GRPCInferenceServiceGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    var metadata = stub.modelMetadata(ModelMetadataRequest.newBuilder().setName(model).build());
    var random = new Random(17);
    var inputs = new ArrayList<Tensor>();
    for (var input : metadata.getInputsList()) {
      boolean text = input.getDatatype().equals("INT64");
      int free = text ? TOKENS : model.equals("silero") ? FRAME : 1;
      long[] shape = new long[input.getShapeCount()];
      for (int i = 0; i < shape.length; i++) {
        long size = input.getShape(i);
        boolean batch = input.getName().equals("state") || i == 0;
        shape[i] =
            size > 0 ? size : batch ? 1 : model.equals("ppocr-cls") ? (i == 2 ? 48 : 192) : free;
      }
      int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      inputs.add(
          text
              ? Tensors.int64(input.getName(), ids(input.getName(), count, random), shape)
              : Tensors.float32(input.getName(), floats(count, random), shape));
    }
    return inputs;
  }

  private static long[] ids(String name, int count, Random random) {
    return switch (name) {
      case "input_ids" -> random.longs(count, 1_000, 20_000).toArray();
      case "attention_mask" -> random.longs(count, 1, 2).toArray();
      case "sr" -> new long[] {RATE};
      default -> new long[count];
    };
  }

  private static float[] floats(int count, Random random) {
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return values;
  }

  private List<Tensor> call(Transport transport, String model, List<Tensor> inputs) {
    try (var client =
        Millrace.connect(
            running.platform().url().toString(),
            Credentials.apiKey(running.platform().key()),
            ClientOptions.DEFAULT.withTransport(transport))) {
      return client.endpoint(model).infer(InferCall.of(inputs)).outputs();
    }
  }

  private InferResponse unary(InferRequest request, GrpcEncoding encoding) {
    var stub =
        GRPCInferenceServiceGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    return GrpcInferCodec.decodeResponse(
        stub.modelInfer(GrpcInferCodec.encodeRequest(request, encoding)));
  }

  private List<Tensor> stream(InferRequest request) {
    var stub =
        GRPCInferenceServiceGrpc.newStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    var answer = new CompletableFuture<ModelStreamInferResponse>();
    StreamObserver<ModelInferRequest> requests =
        stub.modelStreamInfer(
            new StreamObserver<>() {
              @Override
              public void onNext(ModelStreamInferResponse next) {
                answer.complete(next);
              }

              @Override
              public void onError(Throwable failure) {
                answer.completeExceptionally(failure);
              }

              @Override
              public void onCompleted() {
                answer.completeExceptionally(new IllegalStateException("no answer"));
              }
            });
    requests.onNext(GrpcInferCodec.encodeRequest(request, GrpcEncoding.RAW));
    requests.onCompleted();
    var response = answer.orTimeout(60, TimeUnit.SECONDS).join();
    assertThat(response.getErrorMessage()).isEmpty();
    return GrpcInferCodec.decodeResponse(response.getInferResponse()).outputs();
  }

  private static Map<String, ByteBuffer> bits(List<Tensor> outputs) {
    var bits = new HashMap<String, ByteBuffer>();
    for (Tensor output : outputs) {
      assertThat(output.datatype()).isEqualTo(DataType.FP32);
      bits.put(output.name(), output.data());
    }
    return bits;
  }
}
