package dev.millrace.testkit.fuzz;

import static dev.millrace.testkit.fuzz.Mutations.join;

import com.google.protobuf.ByteString;
import dev.millrace.protocol.grpc.InferParameter;
import dev.millrace.protocol.grpc.InferTensorContents;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.testkit.fuzz.FuzzCall.Form;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Requests as messages of gRPC: raw, typed, and in frames that lie. */
final class GrpcCalls {
  /** Names of methods. */
  static final String UNARY = "ModelInfer";

  static final String STREAM = "ModelStreamInfer";

  /** Kinds of good messages, from 0 on: two of the linear model, the table, the sum. */
  static final int KINDS = 4;

  private static final List<String> TYPES =
      List.of(
          "FP32", "FP64", "INT64", "INT32", "UINT64", "BOOL", "BYTES", "FP16", "BF16", "", "x",
          "fp32");
  private static final List<String> NAMES =
      List.of("x", "ids", "state", "y", "", "\u0000", "X", "x".repeat(5_000));
  private static final List<Long> SIZES =
      List.of(
          0L,
          1L,
          -1L,
          2L,
          4L,
          5L,
          65_536L,
          (long) Integer.MAX_VALUE,
          1L << 32,
          1L << 62,
          Long.MAX_VALUE,
          Long.MIN_VALUE);
  private static final List<String> PARAMETERS =
      List.of(
          "timeout",
          "priority",
          "sequence_id",
          "sequence_start",
          "sequence_end",
          "classification",
          "binary_data",
          "binary_data_size",
          "triton_enable_empty_final_response",
          "shared_memory_region",
          "headers",
          "custom",
          "");

  private final RandomGenerator random;
  private final Mutations mutations;

  GrpcCalls(RandomGenerator random) {
    this.random = random;
    this.mutations = new Mutations(random);
  }

  FuzzCall message() {
    byte[] message = spoilt(random.nextInt(KINDS));
    return new FuzzCall(Form.GRPC, UNARY, Map.of(), message, List.of());
  }

  /** A message in a frame whose flag or length may not be its own, in a stream after others. */
  FuzzCall frame() {
    byte[] message = spoilt(random.nextInt(KINDS));
    int length = mutations.chance(40) ? message.length : message.length + random.nextInt(-9, 10);
    if (mutations.chance(10)) {
      length = mutations.one(List.of(-1, Integer.MAX_VALUE, 0, 1 << 28));
    }
    int flag = mutations.chance(70) ? 0 : random.nextInt(4);
    byte[] prefix = ByteBuffer.allocate(5).put((byte) flag).putInt(length).array();
    Map<String, String> headers =
        mutations.chance(20)
            ? Map.of("grpc-encoding", mutations.one(List.of("gzip", "deflate", "identity", "x")))
            : Map.of();
    byte[] frame = join(prefix, message);
    if (mutations.chance(70)) {
      return new FuzzCall(Form.FRAME, UNARY, headers, frame, List.of());
    }
    byte[] body = new byte[0];
    for (int i = random.nextInt(3); i > 0; i--) {
      byte[] before = good(random.nextInt(KINDS)).build().toByteArray();
      body = join(body, ByteBuffer.allocate(5).put((byte) 0).putInt(before.length).array(), before);
    }
    return new FuzzCall(Form.FRAME, STREAM, headers, join(body, frame), List.of());
  }

  /** A message of that kind with one to three things changed. */
  byte[] spoilt(int kind) {
    var request = good(kind);
    for (int i = random.nextInt(3); i >= 0; i--) {
      spoil(request);
    }
    byte[] message = request.build().toByteArray();
    return mutations.chance(35) ? mutations.bytes(message) : message;
  }

  private ModelInferRequest.Builder good(int kind) {
    var request = ModelInferRequest.newBuilder().setId("f");
    var input = request.addInputsBuilder().setName("x").setDatatype("FP32").addShape(1).addShape(4);
    switch (kind) {
      case 0 ->
          request
              .setModelName(FuzzModels.LINEAR)
              .addRawInputContents(ByteString.copyFrom(mutations.some(16)));
      case 1 -> {
        request.setModelName(FuzzModels.LINEAR);
        input.getContentsBuilder().addAllFp32Contents(List.of(1f, 2f, 3f, 4f));
      }
      case 2 -> {
        request.setModelName(FuzzModels.TABLE);
        input.setName("ids").setDatatype("INT64");
        input.getContentsBuilder().addAllInt64Contents(List.of(1L, 2L, 3L, 4L));
      }
      default -> {
        request.setModelName(FuzzModels.SUM).addRawInputContents(ByteString.copyFrom(new byte[16]));
        request.putParameters(
            "sequence_id", InferParameter.newBuilder().setStringParam("f").build());
        request.putParameters(
            "sequence_start", InferParameter.newBuilder().setBoolParam(true).build());
      }
    }
    return request;
  }

  private void spoil(ModelInferRequest.Builder request) {
    var input =
        request.getInputsCount() == 0 ? request.addInputsBuilder() : request.getInputsBuilder(0);
    switch (random.nextInt(14)) {
      case 0 -> input.addShape(mutations.one(SIZES));
      case 1 -> input.clearShape().addShape(mutations.one(SIZES)).addShape(mutations.one(SIZES));
      case 2 -> input.setDatatype(mutations.one(TYPES));
      case 3 -> input.setName(mutations.one(NAMES));
      case 4 -> request.addInputs(input.build());
      case 5 -> request.clearInputs();
      case 6 ->
          request.addRawInputContents(ByteString.copyFrom(mutations.some(random.nextInt(40))));
      case 7 -> request.clearRawInputContents();
      case 8 -> input.setContents(contents());
      case 9 -> request.putParameters(mutations.one(PARAMETERS), parameter());
      case 10 ->
          request
              .addOutputsBuilder()
              .setName(mutations.one(NAMES))
              .putParameters(mutations.one(PARAMETERS), parameter());
      case 11 ->
          request.setModelVersion(
              mutations.one(List.of("1", "2", "x", "-1", "99999999999999999999", "01", " ")));
      case 12 ->
          request.addOutputsBuilder().setName("y").putParameters("classification", parameter());
      default -> input.putParameters(mutations.one(PARAMETERS), parameter());
    }
  }

  private InferTensorContents contents() {
    var contents = InferTensorContents.newBuilder();
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      switch (random.nextInt(4)) {
        case 0 -> contents.addFp32Contents(Float.intBitsToFloat(random.nextInt()));
        case 1 -> contents.addInt64Contents(random.nextLong());
        case 2 -> contents.addBytesContents(ByteString.copyFrom(mutations.some(random.nextInt(5))));
        default -> contents.addBoolContents(random.nextBoolean());
      }
    }
    return contents.build();
  }

  private InferParameter parameter() {
    var parameter = InferParameter.newBuilder();
    return switch (random.nextInt(6)) {
      case 0 -> parameter.setBoolParam(random.nextBoolean()).build();
      case 1 -> parameter.setInt64Param(mutations.one(SIZES)).build();
      case 2 -> parameter.setStringParam(mutations.number()).build();
      case 3 -> parameter.setDoubleParam(Double.longBitsToDouble(random.nextLong())).build();
      case 4 -> parameter.setUint64Param(random.nextLong()).build();
      default -> parameter.build();
    };
  }
}
