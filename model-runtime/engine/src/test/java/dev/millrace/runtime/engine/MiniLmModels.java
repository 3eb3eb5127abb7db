package dev.millrace.runtime.engine;

import dev.millrace.protocol.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/** all-MiniLM-L6-v2 from the class path, and sentences for it. */
final class MiniLmModels {
  static final String FP32 = "/all-minilm-l6-v2.onnx";
  static final String INT8 = "/all-minilm-l6-v2-q.onnx";

  private MiniLmModels() {}

  static Path file(String resource, Path folder) throws IOException {
    Path file = folder.resolve("model.onnx");
    try (InputStream in = MiniLmModels.class.getResourceAsStream(resource)) {
      Files.copy(Objects.requireNonNull(in, resource), file);
    }
    return file;
  }

  /** One sentence of that many tokens, framed by the special tokens. */
  static List<Tensor> sentence(Random random, int length) {
    long[] ids = random.longs(length, 1_000, 30_000).toArray();
    ids[0] = 101;
    ids[length - 1] = 102;
    long[] ones = new long[length];
    Arrays.fill(ones, 1);
    long[] shape = {1, length};
    return List.of(
        TestModels.longs("input_ids", shape, ids),
        TestModels.longs("attention_mask", shape, ones),
        TestModels.longs("token_type_ids", shape, new long[length]));
  }
}
