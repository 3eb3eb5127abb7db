package dev.millrace.runtime.server;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the platform must equal, computed without any of its code. */
final class SentenceReference implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final HuggingFaceTokenizer tokenizer;

  SentenceReference(byte[] onnx, byte[] tokenizerJson) throws Exception {
    session = environment.createSession(onnx);
    tokenizer =
        HuggingFaceTokenizer.newInstance(
            new ByteArrayInputStream(tokenizerJson),
            Map.of("padding", "false", "truncation", "true", "maxLength", "256"));
  }

  int tokens(String text) {
    return tokenizer.encode(text).getIds().length;
  }

  List<Tensor> inputs(String text) throws Exception {
    var encoding = tokenizer.encode(text);
    List<Tensor> tensors = new ArrayList<>();
    for (String name : session.getInputNames()) {
      long[] values =
          switch (name) {
            case "attention_mask" -> encoding.getAttentionMask();
            case "token_type_ids" -> encoding.getTypeIds();
            default -> encoding.getIds();
          };
      tensors.add(Tensors.int64(name, values, 1, values.length));
    }
    return tensors;
  }

  float[] hidden(String text) throws Exception {
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    for (Tensor tensor : inputs(text)) {
      inputs.put(
          tensor.name(),
          OnnxTensor.createTensor(environment, new long[][] {Tensors.longArray(tensor)}));
    }
    try (var result = session.run(inputs)) {
      var buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] values = new float[buffer.remaining()];
      buffer.get(values);
      return values;
    }
  }

  float[] embedding(String text) throws Exception {
    float[] hidden = hidden(text);
    int count = tokens(text);
    int width = hidden.length / count;
    double[] mean = new double[width];
    for (int i = 0; i < hidden.length; i++) {
      mean[i % width] += hidden[i] / (double) count;
    }
    double length = 0;
    for (double value : mean) {
      length += value * value;
    }
    float[] vector = new float[width];
    for (int i = 0; i < width; i++) {
      vector[i] = (float) (mean[i] / Math.sqrt(length));
    }
    return vector;
  }

  @Override
  public void close() throws Exception {
    session.close();
    tokenizer.close();
  }

  Encoding pair(String text, String pair) {
    return tokenizer.encode(text, pair);
  }

  Encoding encoding(String text) {
    return tokenizer.encode(text);
  }
}
