package dev.millrace.benchmarks.micro;

import dev.millrace.benchmarks.baseline.JacksonFloats;
import dev.millrace.protocol.oip.EncodedBody;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.oip.TensorEncoding;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Shapes;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.runtime.engine.DirectMemoryPool;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Decoding a request body and encoding a response body, as JSON and with binary tensors, for four
 * floats and for a picture of 3×224×224.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HttpInferCodecBenchmark {
  private static final long SEED = 1;

  /**
   * What the tensor is: {@code tiny} is FP32 [1,4], {@code image} is FP32 [1,3,224,224], {@code
   * widened} is the same with every JSON number written as the double of the float, as clients do
   * that know no floats, {@code doubles} is FP64 of that shape.
   */
  @Param({"tiny", "image", "widened", "doubles"})
  public String tensor = "tiny";

  /** How it travels. */
  @Param({"JSON", "BINARY"})
  public TensorEncoding encoding = TensorEncoding.JSON;

  private DirectMemoryPool.@Nullable Block block;
  private final DirectMemoryPool pool = new DirectMemoryPool(64 << 20);
  private byte[] array = {};
  private ByteBuffer body = ByteBuffer.allocate(0);
  private int jsonLength;
  private InferRequest request = request(List.of(), TensorEncoding.JSON);
  private InferResponse response = response(List.of());

  /** Makes the bodies once; the benchmarks leave them as they are. */
  @Setup
  public void prepare() {
    long[] shape = "tiny".equals(tensor) ? new long[] {1, 4} : new long[] {1, 3, 224, 224};
    var tensors = List.of("doubles".equals(tensor) ? doubles(shape) : random(shape));
    request = request(tensors, encoding);
    response = response(tensors);
    EncodedBody encoded = HttpInferCodec.encodeRequest(request, encoding);
    body = encoded.joined();
    if ("widened".equals(tensor) && encoding == TensorEncoding.JSON) {
      var wide = request(List.of(widened(tensors.get(0), shape)), encoding);
      String text =
          StandardCharsets.UTF_8
              .decode(HttpInferCodec.encodeRequest(wide, encoding).joined())
              .toString();
      body = ByteBuffer.wrap(text.replace("FP64", "FP32").getBytes(StandardCharsets.UTF_8));
    }
    array = new byte[body.remaining()];
    body.get(body.position(), array);
    jsonLength = encoded.binary() ? encoded.jsonLength() : HttpInferCodec.NO_BINARY;
  }

  /** From the bytes of a body to tensors. */
  @Benchmark
  public InferRequest decodeRequest() {
    return HttpInferCodec.decodeRequest(body, jsonLength);
  }

  /** The same into pooled direct memory, as the runtime does. */
  @Benchmark
  public InferRequest decodeIntoPooledMemory() {
    InferRequest decoded = HttpInferCodec.decodeRequest(body, jsonLength, this::allocate);
    if (block != null) {
      block.release();
      block = null;
    }
    return decoded;
  }

  /** Jackson's streaming parser into an array of floats; of JSON only. */
  @Benchmark
  public float[] jackson() {
    return encoding == TensorEncoding.JSON ? JacksonFloats.parse(array) : new float[0];
  }

  private ByteBuffer allocate(int bytes) {
    DirectMemoryPool.Block acquired = pool.acquire(bytes);
    block = acquired;
    return acquired.buffer();
  }

  /** From tensors to the bytes of a body, in one piece as a socket wants them. */
  @Benchmark
  public ByteBuffer encodeResponse() {
    return HttpInferCodec.encodeResponse(response, request).joined();
  }

  private static Tensor random(long[] shape) {
    int count = 1;
    for (long size : shape) {
      count = Math.multiplyExact(count, Math.toIntExact(size));
    }
    var data = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    var random = new Random(SEED);
    for (int i = 0; i < count; i++) {
      data.putFloat(random.nextFloat());
    }
    return new Tensor("x", DataType.FP32, shape, data.flip());
  }

  private static Tensor doubles(long... shape) {
    int count = (int) Shapes.elementCount(shape);
    var random = new Random(SEED);
    return Tensors.float64("x", random.doubles(count).toArray(), shape);
  }

  private static Tensor widened(Tensor floats, long... shape) {
    var in = floats.data().asFloatBuffer();
    var wide = new double[in.remaining()];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = in.get(i);
    }
    return Tensors.float64("x", wide, shape);
  }

  private static InferRequest request(List<Tensor> inputs, TensorEncoding encoding) {
    Map<String, Object> parameters =
        encoding == TensorEncoding.BINARY ? Map.of("binary_data_output", true) : Map.of();
    return new InferRequest("", "", "", parameters, inputs, List.of());
  }

  private static InferResponse response(List<Tensor> outputs) {
    return new InferResponse("model", "1", "", Map.of(), outputs);
  }
}
