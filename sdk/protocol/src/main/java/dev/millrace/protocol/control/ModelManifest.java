package dev.millrace.protocol.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The bundle's {@code millrace.yaml}: facts about the model that the ONNX file cannot say. Every
 * field may be absent.
 *
 * @param task {@code tensor} (default), {@code embedding}, {@code rerank} or {@code classification}
 * @param tokenizer name of the tokenizer artifact, usually {@code tokenizer.json}
 * @param pooling {@code mean} (default), {@code cls} or {@code max}; embeddings only
 * @param normalize whether embeddings are scaled to length 1; default true for embeddings
 * @param maxTokens longest token sequence; longer text is truncated
 * @param labels name of the artifact that holds one label a line
 * @param padding pad value by input name
 * @param states what is kept within a sequence of requests: output by the input that it becomes in
 *     the next request
 * @param license SPDX identifier
 * @param card name of the artifact that holds the model card
 * @param activation what makes probabilities of a model's logits: {@code sigmoid} (default for one
 *     logit), {@code softmax} (default for several) or {@code none}; rerank and classification only
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelManifest(
    @Nullable String task,
    @Nullable String tokenizer,
    @Nullable String pooling,
    @Nullable Boolean normalize,
    @Nullable Integer maxTokens,
    @Nullable String labels,
    @Nullable Map<String, Long> padding,
    @Nullable Map<String, String> states,
    @Nullable String license,
    @Nullable String card,
    @Nullable String activation) {

  /** The manifest of a bare {@code .onnx} upload: nothing said. */
  public static final ModelManifest EMPTY =
      new ModelManifest(null, null, null, null, null, null, null, null, null);

  /**
   * Everything but the states, of which there are none, and the activation, left to the default.
   */
  public ModelManifest(
      @Nullable String task,
      @Nullable String tokenizer,
      @Nullable String pooling,
      @Nullable Boolean normalize,
      @Nullable Integer maxTokens,
      @Nullable String labels,
      @Nullable Map<String, Long> padding,
      @Nullable String license,
      @Nullable String card) {
    this(
        task, tokenizer, pooling, normalize, maxTokens, labels, padding, null, license, card, null);
  }

  /** The same with that tokenizer. */
  public ModelManifest withTokenizer(String file) {
    return new ModelManifest(
        task,
        file,
        pooling,
        normalize,
        maxTokens,
        labels,
        padding,
        states,
        license,
        card,
        activation);
  }

  /** {@link #states}; empty when nothing is kept. */
  public Map<String, String> statesOrNone() {
    return states == null ? Map.of() : states;
  }
}
