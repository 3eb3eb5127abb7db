package dev.millrace.e2e.support;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.millrace.testkit.bundle.MiniLmFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * all-MiniLM-L6-v2 from the class path, and what ONNX Runtime answers when called directly: the
 * reference for everything that went through the platform.
 */
public final class MiniLm implements AutoCloseable {
  private final OrtSession session;
  private final HuggingFaceTokenizer tokenizer;

  public MiniLm() throws IOException, OrtException {
    session = OrtEnvironment.getEnvironment().createSession(MiniLmFiles.onnx());
    tokenizer =
        HuggingFaceTokenizer.newInstance(
            new ByteArrayInputStream(MiniLmFiles.tokenizer()),
            Map.of("padding", "false", "truncation", "true", "maxLength", "256"));
  }

  /** The bundle as a user would make it. */
  public Path bundle(Path directory) throws IOException {
    return Files.write(directory.resolve("minilm.tar"), MiniLmFiles.bundle());
  }

  /** Token ids of a text, with the special tokens. */
  public long[] tokenize(String text) {
    return tokenizer.encode(text).getIds();
  }

  /** The model's first output for one sequence, [1, tokens, 384], flat. */
  public float[] lastHiddenState(long[] ids) throws OrtException {
    long[] shape = {1, ids.length};
    long[] ones = new long[ids.length];
    Arrays.fill(ones, 1);
    try (var tokens = tensor(ids, shape);
        var mask = tensor(ones, shape);
        var types = tensor(new long[ids.length], shape)) {
      var inputs = Map.of("input_ids", tokens, "attention_mask", mask, "token_type_ids", types);
      try (var result = session.run(inputs)) {
        FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
        float[] flat = new float[values.remaining()];
        values.get(flat);
        return flat;
      }
    }
  }

  /** Mean-pooled, normalised embedding, as sentence-transformers computes it. */
  public float[] embedding(String text) throws OrtException {
    long[] ids = tokenize(text);
    float[] hidden = lastHiddenState(ids);
    int width = hidden.length / ids.length;
    double[] sum = new double[width];
    for (int i = 0; i < hidden.length; i++) {
      sum[i % width] += hidden[i];
    }
    double square = 0;
    for (int i = 0; i < width; i++) {
      sum[i] /= ids.length;
      square += sum[i] * sum[i];
    }
    float[] vector = new float[width];
    for (int i = 0; i < width; i++) {
      vector[i] = (float) (sum[i] / Math.sqrt(square));
    }
    return vector;
  }

  /** Name of the model's first output. */
  public String outputName() {
    return session.getOutputNames().iterator().next();
  }

  @Override
  public void close() throws OrtException {
    tokenizer.close();
    session.close();
  }

  private static OnnxTensor tensor(long[] values, long[] shape) throws OrtException {
    return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), LongBuffer.wrap(values), shape);
  }
}
