package dev.millrace.protocol.control;

import dev.millrace.protocol.tensor.DataType;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * How a signature serves a text task: token ids go in, {@link #output} comes out. The registry asks
 * at upload whether a model can do what its manifest says, a runtime before it loads one.
 *
 * @param output the output that holds the task's answer
 * @param fixedLength the sequence length that the model insists on; 0 when any goes
 */
public record TextSignature(TensorSignature output, int fixedLength) {
  /** One vector a text. */
  public static final String EMBEDDING = "embedding";

  /** One score a pair of query and document. */
  public static final String RERANK = "rerank";

  /** One probability a label, for each text. */
  public static final String CLASSIFICATION = "classification";

  private static final Set<String> INPUTS = Set.of("input_ids", "attention_mask", "token_type_ids");

  /**
   * Whether a version answers the text routes. A classification without a tokenizer is one of
   * tensors, for example of images.
   */
  public static boolean isText(ModelManifest manifest) {
    String task = manifest.task();
    return EMBEDDING.equals(task)
        || RERANK.equals(task)
        || CLASSIFICATION.equals(task) && manifest.tokenizer() != null;
  }

  /**
   * What a task reads in a signature.
   *
   * @param task one of the constants above
   * @throws IllegalArgumentException when the signature does not fit; the message names the tensor
   *     and what was expected
   */
  public static TextSignature of(String task, Signature signature) {
    signature.inputs().forEach(input -> requireTokens(task, input));
    if (signature.input("input_ids").isEmpty()) {
      throw unfit(task, "no input input_ids");
    }
    TensorSignature output =
        switch (task) {
          case EMBEDDING ->
              choose(
                  task,
                  signature,
                  List.of("sentence_embedding", "last_hidden_state", "token_embeddings"),
                  TextSignature::isVectors,
                  "FP32 with two or three dimensions");
          case RERANK ->
              choose(
                  task,
                  signature,
                  List.of("logits", "score", "scores"),
                  TextSignature::isScore,
                  "FP32 of shape [batch, 1], one score a pair");
          case CLASSIFICATION ->
              choose(
                  task,
                  signature,
                  List.of("logits", "probabilities"),
                  candidate -> isOfRank(candidate, 2),
                  "FP32 of shape [batch, labels]");
          default -> throw new IllegalArgumentException("task: '" + task + "' is not one of text");
        };
    return new TextSignature(output, fixedLength(signature));
  }

  /** Components of the answer: the last dimension of {@link #output}; 0 when it is free. */
  public int width() {
    List<Dimension> shape = output.shape();
    Dimension last = shape.get(shape.size() - 1);
    return shape.size() < 2 || last.isFree() ? 0 : (int) Math.min(Integer.MAX_VALUE, last.size());
  }

  private static void requireTokens(String task, TensorSignature input) {
    boolean integer = input.datatype() == DataType.INT64 || input.datatype() == DataType.INT32;
    if (!INPUTS.contains(input.name()) || !integer || input.shape().size() != 2) {
      throw unfit(
          task,
          "input '%s' %s%s (expected: input_ids, attention_mask or token_type_ids, INT64 or INT32,"
                  .formatted(input.name(), input.datatype(), input.shape())
              + " of two dimensions)");
    }
  }

  /** The first fitting output by these names, else the first one that fits. */
  private static TensorSignature choose(
      String task,
      Signature signature,
      List<String> names,
      Predicate<TensorSignature> fits,
      String expected) {
    for (String name : names) {
      var named = signature.output(name).filter(fits);
      if (named.isPresent()) {
        return named.get();
      }
    }
    // A vector a token before a pooled one: that may be a classifier's head.
    return signature.outputs().stream()
        .filter(fits)
        .max((a, b) -> Integer.compare(a.shape().size(), b.shape().size()))
        .orElseThrow(
            () ->
                unfit(
                    task,
                    "none of the outputs %s is %s"
                        .formatted(
                            signature.outputs().stream().map(TensorSignature::name).toList(),
                            expected)));
  }

  private static boolean isVectors(TensorSignature output) {
    return isOfRank(output, 2) || isOfRank(output, 3);
  }

  private static boolean isScore(TensorSignature output) {
    return isOfRank(output, 1)
        || isOfRank(output, 2)
            && (output.shape().get(1).isFree() || output.shape().get(1).size() == 1);
  }

  private static boolean isOfRank(TensorSignature output, int rank) {
    return output.datatype() == DataType.FP32 && output.shape().size() == rank;
  }

  private static int fixedLength(Signature signature) {
    return signature.inputs().stream()
        .map(input -> input.shape().get(1))
        .filter(dimension -> !dimension.isFree())
        .mapToInt(dimension -> Math.toIntExact(dimension.size()))
        .findFirst()
        .orElse(0);
  }

  private static IllegalArgumentException unfit(String task, String why) {
    return new IllegalArgumentException("task " + task + ": " + why);
  }
}
