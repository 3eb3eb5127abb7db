package dev.millrace.e2e.support;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * all-MiniLM-L6-v2 from the class path, and what ONNX Runtime answers when called directly: the
 * reference for everything that went through the platform.
 */
public final class MiniLm implements AutoCloseable {
  private static final String MANIFEST =
      """
      task: embedding
      tokenizer: tokenizer.json
      pooling: mean
      normalize: true
      maxTokens: 256
      license: Apache-2.0
      """;

  private final byte[] onnx;
  private final byte[] tokenizerJson;
  private final OrtSession session;
  private final HuggingFaceTokenizer tokenizer;

  public MiniLm() throws IOException, OrtException {
    onnx = resource("/all-minilm-l6-v2.onnx");
    tokenizerJson = resource("/all-minilm-l6-v2-tokenizer.json");
    session = OrtEnvironment.getEnvironment().createSession(onnx);
    tokenizer =
        HuggingFaceTokenizer.newInstance(
            new java.io.ByteArrayInputStream(tokenizerJson),
            Map.of("padding", "false", "truncation", "true", "maxLength", "256"));
  }

  /** The bundle as a user would make it. */
  public Path bundle(Path directory) throws IOException {
    Files.createDirectories(directory);
    var entries = new LinkedHashMap<String, byte[]>();
    entries.put("model.onnx", onnx);
    entries.put("tokenizer.json", tokenizerJson);
    entries.put("millrace.yaml", MANIFEST.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return Tar.write(directory.resolve("minilm.tar"), entries);
  }

  /** Token ids of a text, with the special tokens. */
  public long[] tokenize(String text) {
    return tokenizer.encode(text).getIds();
  }

  /** The model's first output for one sequence, [1, tokens, 384], flat. */
  public float[] lastHiddenState(long[] ids) throws OrtException {
    long[] shape = {1, ids.length};
    long[] ones = new long[ids.length];
    java.util.Arrays.fill(ones, 1);
    try (var environmentIds = tensor(ids, shape);
        var mask = tensor(ones, shape);
        var types = tensor(new long[ids.length], shape)) {
      var inputs = new LinkedHashMap<String, OnnxTensor>();
      inputs.put("input_ids", environmentIds);
      inputs.put("attention_mask", mask);
      inputs.put("token_type_ids", types);
      inputs.keySet().retainAll(session.getInputNames());
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

  /** Names of the model's inputs. */
  public java.util.Set<String> inputNames() {
    return session.getInputNames();
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

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = MiniLm.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }
}
