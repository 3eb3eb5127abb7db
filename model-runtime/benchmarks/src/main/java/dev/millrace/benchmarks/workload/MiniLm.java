package dev.millrace.benchmarks.workload;

import dev.millrace.benchmarks.wire.Exchange;
import dev.millrace.benchmarks.workload.InferMessage.Input;
import dev.millrace.testkit.bundle.MiniLmFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * all-MiniLM-L6-v2 as it comes with the class path: three INT64 inputs [1, tokens], one FP32 output
 * [1, tokens, 384]. Sentences are random token ids: what they say does not change the work.
 */
public final class MiniLm {
  /** Names and order of the model's inputs. */
  public static final List<String> INPUT_NAMES =
      List.of("input_ids", "attention_mask", "token_type_ids");

  /** Numbers of an embedding. */
  static final int HIDDEN = 384;

  private MiniLm() {}

  /** The token ids of one random sentence, start and end mark included. */
  public static long[] sentence(Random random, int tokens) {
    return MiniLmFiles.sentence(random, tokens);
  }

  static Exchange exchange(Protocol protocol, String model, long[] ids) {
    var inputs =
        List.of(
            input(INPUT_NAMES.get(0), ids),
            input(INPUT_NAMES.get(1), LongStream.generate(() -> 1).limit(ids.length).toArray()),
            input(INPUT_NAMES.get(2), new long[ids.length]));
    var check = Answers.finite(protocol, List.of(1L, (long) ids.length, (long) HIDDEN));
    return InferMessage.encode(protocol, model, inputs, check);
  }

  private static Input input(String name, long[] values) {
    var data = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    data.asLongBuffer().put(values);
    String json = LongStream.of(values).mapToObj(String::valueOf).collect(Collectors.joining(","));
    return new Input(name, "INT64", List.of(1L, (long) values.length), data, json);
  }

  /** Writes the bare model file into a folder. */
  public static Path writeModel(Path folder) throws IOException {
    return Files.write(folder.resolve("minilm.onnx"), MiniLmFiles.onnx());
  }

  /** Writes its twin with weights in 8 bits. */
  public static Path writeInt8Model(Path folder) throws IOException {
    return Files.write(folder.resolve("minilm-q.onnx"), MiniLmFiles.int8());
  }

  /** Writes model, tokenizer and manifest, which names the pad values, as one archive. */
  static Path writeBundle(Path folder) throws IOException {
    return Files.write(folder.resolve("minilm.tar"), MiniLmFiles.bundle());
  }
}
