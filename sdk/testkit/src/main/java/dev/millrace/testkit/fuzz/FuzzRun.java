package dev.millrace.testkit.fuzz;

import static dev.millrace.testkit.fuzz.Mutations.utf8;

import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferResponse;
import dev.millrace.testkit.fuzz.FuzzCall.Form;
import dev.millrace.testkit.oip.OipTarget;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Sends spoilt requests, each made of the seed and its number alone, from a few threads over a few
 * kept connections. A server does wrong when it answers {@code INTERNAL}, {@code
 * MODEL_EXECUTION_FAILED} or that it is out of order, when an answer has not the error's form or
 * takes 20 s, when it closes a connection without cause, and when one of the good requests in
 * between, or of the good messages of a stream with spoilt ones, is not answered right. The server
 * must serve {@link FuzzModels#all()}.
 */
public final class FuzzRun {
  /** After so many problems a run ends early. */
  public static final int MOST_PROBLEMS = 20;

  private static final int THREADS = 4;

  /** Spoilt requests of a thread for each good one. */
  private static final int GOOD_EVERY = 50;

  private static final double NANOS = 1e9;
  private static final long SPREAD = 0x9E3779B97F4A7C15L;
  private static final String GOOD =
      "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,4],\"data\":[1,2,3,4]}]}";
  private static final String RIGHT = "\"data\":\\[30(\\.0)?,61(\\.0)?,92(\\.0)?]";

  private final OipTarget target;
  private final long seed;
  private final Map<String, Long> ends = new ConcurrentSkipListMap<>();
  private final Queue<String> problems = new ConcurrentLinkedQueue<>();
  private final AtomicInteger done = new AtomicInteger();

  /** A run with that seed; the target's endpoint does not matter. */
  public FuzzRun(OipTarget target, long seed) {
    this.target = target;
    this.seed = seed;
  }

  /** Request number {@code number} of a seed, as it stands in a report. */
  public static String describe(long seed, int number) {
    return call(seed, number).toString();
  }

  static FuzzRequest call(long seed, int number) {
    RandomGenerator random = new SplittableRandom(seed * SPREAD + number);
    return switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> new HttpCalls(random).json();
      case 4, 5 -> new HttpCalls(random).binary();
      case 6 -> new HttpCalls(random).raw();
      case 7 -> new GrpcCalls(random).frame();
      case 8 -> new GrpcCalls(random).message();
      default -> new StreamCalls(random).stream();
    };
  }

  /**
   * Sends the requests {@code first} to {@code first + count - 1}; blocks.
   *
   * @param progress told how many are done, from any thread
   */
  public FuzzReport run(int first, int count, IntConsumer progress)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    try (var grpc = new GrpcWire(target.baseUrl(), target.grpcTarget(), target.apiKey());
        var pool = Executors.newFixedThreadPool(THREADS)) {
      grpc.upgrade();
      List<Callable<Boolean>> workers =
          IntStream.range(0, THREADS)
              .<Callable<Boolean>>mapToObj(
                  worker -> () -> work(first + worker, first + count, grpc, progress))
              .toList();
      for (Future<Boolean> worker : pool.invokeAll(workers)) {
        worker.get();
      }
    } catch (ExecutionException failed) {
      throw new IOException(failed.getCause());
    }
    return new FuzzReport(
        done.get(),
        seed,
        (System.nanoTime() - begin) / NANOS,
        new TreeMap<>(ends),
        List.copyOf(problems));
  }

  private boolean work(int first, int end, GrpcWire grpc, IntConsumer progress)
      throws InterruptedException {
    try (var http = new HttpWire(target.baseUrl(), target.apiKey())) {
      int sinceGood = 0;
      for (int number = first; number < end && problems.size() < MOST_PROBLEMS; number += THREADS) {
        FuzzRequest call = call(seed, number);
        Outcome outcome = send(call, http, grpc);
        ends.merge(call.kind() + " " + outcome.code(), 1L, Long::sum);
        if (!outcome.problem().isEmpty()) {
          problems.add(
              "seed " + seed + ", number " + number + ": " + outcome.problem() + "; sent: " + call);
        }
        if (++sinceGood == GOOD_EVERY) {
          sinceGood = 0;
          good(number, http, grpc);
        }
        progress.accept(done.incrementAndGet());
      }
      good(end, http, grpc);
    }
    return true;
  }

  private static Outcome send(FuzzRequest request, HttpWire http, GrpcWire grpc)
      throws InterruptedException {
    return switch (request) {
      case FuzzStream stream -> grpc.stream(stream);
      case FuzzCall call ->
          switch (call.form()) {
            case HTTP, BROKEN_HTTP -> http.send(call);
            case GRPC -> grpc.message(call);
            case FRAME -> grpc.frame(call);
          };
    };
  }

  private void good(int number, HttpWire http, GrpcWire grpc) {
    String where = "seed " + seed + ", after number " + number + ": a good request ";
    try {
      var call =
          new FuzzCall(
              Form.HTTP,
              "/v2/models/" + FuzzModels.LINEAR + "/infer",
              Map.of(),
              utf8(GOOD),
              List.of());
      var answer = http.exchange(call);
      String text = new String(answer.body(), StandardCharsets.UTF_8);
      if (answer.status() != 200 || !text.replaceAll("[\\s]", "").matches(".*" + RIGHT + ".*")) {
        problems.add(where + "over HTTP was answered " + answer.status() + ": " + text);
      }
      var floats =
          ModelInferResponse.parseFrom(grpc.answer(message()))
              .getRawOutputContents(0)
              .asReadOnlyByteBuffer()
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer();
      if (floats.get() != 30 || floats.get() != 61 || floats.get() != 92) {
        problems.add(where + "over gRPC got a wrong answer");
      }
    } catch (IOException | StatusRuntimeException failure) {
      http.close();
      problems.add(where + "failed: " + failure);
    }
  }

  private static byte[] message() {
    var request = ModelInferRequest.newBuilder().setModelName(FuzzModels.LINEAR);
    var bytes = java.nio.ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : new float[] {1, 2, 3, 4}) {
      bytes.putFloat(value);
    }
    request.addInputsBuilder().setName("x").setDatatype("FP32").addShape(1).addShape(4);
    request.addRawInputContents(com.google.protobuf.ByteString.copyFrom(bytes.flip()));
    return request.build().toByteArray();
  }
}
