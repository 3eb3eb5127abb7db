package dev.millrace.testkit.fuzz;

import com.google.protobuf.ByteString;
import dev.millrace.protocol.grpc.InferParameter;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.testkit.fuzz.FuzzStream.Message;
import dev.millrace.testkit.onnx.TinyModels;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Streams of gRPC: good messages and spoilt ones of one model, some of another. */
final class StreamCalls {
  /** The last is offered by nobody. */
  static final List<String> ENCODINGS = List.of("gzip", "deflate", "snappy");

  /** More than may be on their way at once. */
  private static final int MANY = 48;

  private static final int FEATURES = 4;
  private static final int OUTPUTS = 3;

  /** Rows of a message that inflates to more than a packet or two; of the larger, by far. */
  private static final List<Integer> LARGE = List.of(3_000, 15_000);

  /** Floats below this, times the weights, are sums without rounding. */
  private static final int LARGEST = 1 << 10;

  private final RandomGenerator random;
  private final Mutations mutations;
  private final GrpcCalls calls;

  StreamCalls(RandomGenerator random) {
    this.random = random;
    this.mutations = new Mutations(random);
    this.calls = new GrpcCalls(random);
  }

  FuzzStream stream() {
    int model = random.nextInt(GrpcCalls.KINDS);
    String encoding =
        mutations.chance(40) ? ENCODINGS.get(mutations.chance(90) ? random.nextInt(2) : 2) : "";
    int count = mutations.chance(5) ? MANY : random.nextInt(8);
    boolean startsWell = mutations.chance(70);
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean good = i == 0 ? startsWell : mutations.chance(50);
      messages.add(message("m" + i, model, good, encoding));
    }
    int cancelledAfter = mutations.chance(25) ? random.nextInt(count + 1) : FuzzStream.READ_ALL;
    return new FuzzStream(encoding, mutations.chance(30), messages, cancelledAfter);
  }

  private Message message(String id, int model, boolean good, String encoding) {
    boolean compressed = !encoding.isEmpty() && mutations.chance(70);
    if (good) {
      // Nobody can inflate what is in an encoding that nobody offers.
      return good(id, model, compressed && !encoding.equals("snappy") ? encoding : "");
    }
    byte[] plain = calls.spoilt(mutations.chance(80) ? model : random.nextInt(GrpcCalls.KINDS));
    if (!compressed) {
      return new Message(id, false, plain, null);
    }
    byte[] packed = Mutations.packed(encoding, plain);
    return new Message(id, true, mutations.chance(50) ? mutations.bytes(packed) : packed, null);
  }

  private Message good(String id, int model, String encoding) {
    var request = ModelInferRequest.newBuilder().setId(id);
    float[] right =
        switch (model) {
          case 0, 1 -> linear(request, model == 0);
          case 2 -> table(request);
          default -> sum(request);
        };
    byte[] plain = request.build().toByteArray();
    return encoding.isEmpty()
        ? new Message(id, false, plain, right)
        : new Message(id, true, Mutations.packed(encoding, plain), right);
  }

  private float[] linear(ModelInferRequest.Builder request, boolean raw) {
    int rows = raw && mutations.chance(3) ? mutations.one(LARGE) : 1 + random.nextInt(3);
    var input = request.setModelName(FuzzModels.LINEAR).addInputsBuilder();
    input.setName("x").setDatatype("FP32").addShape(rows).addShape(FEATURES);
    var bytes = ByteBuffer.allocate(rows * FEATURES * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    var right = new float[rows * OUTPUTS];
    for (int i = 0; i < rows; i++) {
      var row = new float[FEATURES];
      for (int j = 0; j < FEATURES; j++) {
        row[j] = random.nextInt(LARGEST);
        bytes.putFloat(row[j]);
        if (!raw) {
          input.getContentsBuilder().addFp32Contents(row[j]);
        }
      }
      System.arraycopy(TinyModels.linearRow(row, OUTPUTS), 0, right, i * OUTPUTS, OUTPUTS);
    }
    if (raw) {
      request.addRawInputContents(ByteString.copyFrom(bytes.flip()));
    }
    return right;
  }

  private float[] table(ModelInferRequest.Builder request) {
    int ids = 1 + random.nextInt(5);
    var input = request.setModelName(FuzzModels.TABLE).addInputsBuilder();
    input.setName("ids").setDatatype("INT64").addShape(1).addShape(ids);
    var right = new float[ids * 2];
    for (int i = 0; i < ids; i++) {
      int id = random.nextInt(10);
      input.getContentsBuilder().addInt64Contents(id);
      right[2 * i] = 2 * id;
      right[2 * i + 1] = 2 * id + 1;
    }
    return right;
  }

  /** What comes of it depends on the messages before. */
  private float @Nullable [] sum(ModelInferRequest.Builder request) {
    request.setModelName(FuzzModels.SUM).addRawInputContents(ByteString.copyFrom(new byte[16]));
    request.addInputsBuilder().setName("x").setDatatype("FP32").addShape(1).addShape(FEATURES);
    request.putParameters("sequence_id", InferParameter.newBuilder().setStringParam("s").build());
    request.putParameters(
        "sequence_start", InferParameter.newBuilder().setBoolParam(mutations.chance(50)).build());
    return null;
  }
}
