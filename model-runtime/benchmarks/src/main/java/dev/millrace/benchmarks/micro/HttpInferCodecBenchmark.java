package dev.millrace.benchmarks.micro;

import dev.millrace.protocol.oip.EncodedBody;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.oip.TensorEncoding;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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

  /** What the tensor is: {@code tiny} is [1,4], {@code image} is [1,3,224,224]. */
  @Param({"tiny", "image"})
  public String tensor = "tiny";

  /** How it travels. */
  @Param({"JSON", "BINARY"})
  public TensorEncoding encoding = TensorEncoding.JSON;

  private ByteBuffer body = ByteBuffer.allocate(0);
  private int jsonLength;
  private InferRequest request = request(List.of(), TensorEncoding.JSON);
  private InferResponse response = response(List.of());

  /** Makes the bodies once; the benchmarks leave them as they are. */
  @Setup
  public void prepare() {
    long[] shape = "tiny".equals(tensor) ? new long[] {1, 4} : new long[] {1, 3, 224, 224};
    var tensors = List.of(random(shape));
    request = request(tensors, encoding);
    response = response(tensors);
    EncodedBody encoded = HttpInferCodec.encodeRequest(request, encoding);
    body = encoded.joined();
    jsonLength = encoded.binary() ? encoded.jsonLength() : HttpInferCodec.NO_BINARY;
  }

  /** From the bytes of a body to tensors. */
  @Benchmark
  public InferRequest decodeRequest() {
    return HttpInferCodec.decodeRequest(body, jsonLength);
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

  private static InferRequest request(List<Tensor> inputs, TensorEncoding encoding) {
    Map<String, Object> parameters =
        encoding == TensorEncoding.BINARY ? Map.of("binary_data_output", true) : Map.of();
    return new InferRequest("", "", "", parameters, inputs, List.of());
  }

  private static InferResponse response(List<Tensor> outputs) {
    return new InferResponse("model", "1", "", Map.of(), outputs);
  }
}
