package dev.millrace.runtime.server.text;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What a version with {@code task: embedding} does with text. Safe from many threads until closed;
 * it owns the tokenizer.
 */
public final class EmbeddingTask implements AutoCloseable {
  /** Name of the task in a manifest. */
  public static final String NAME = "embedding";

  private static final int DEFAULT_MAX_TOKENS = 256;
  private static final int MOST_TOKENS = 1 << 20;

  private final TextTokenizer tokenizer;
  private final List<TensorSignature> inputs;
  private final TensorSignature output;
  private final Pooling pooling;
  private final boolean normalize;
  private final int fixedLength;
  private final long padId;

  private EmbeddingTask(
      TextTokenizer tokenizer,
      Signature signature,
      ModelManifest manifest,
      TensorSignature output,
      Pooling pooling) {
    this.tokenizer = tokenizer;
    this.inputs = signature.inputs();
    this.output = output;
    this.pooling = pooling;
    this.normalize = manifest.normalize() == null || manifest.normalize();
    this.fixedLength = fixedLength(signature);
    Map<String, Long> padding = manifest.padding();
    this.padId = padding == null ? 0 : padding.getOrDefault("input_ids", 0L);
  }

  /**
   * Prepares the task of a version.
   *
   * @param folder holds the version's artifacts by name
   * @param nativeFolder where the tokenizer's native library is unpacked
   * @throws IOException when the version cannot do the task; the message says why
   */
  public static EmbeddingTask load(
      ModelManifest manifest, Signature signature, Path folder, Path nativeFolder)
      throws IOException {
    for (TensorSignature input : signature.inputs()) {
      requireTokenInput(input);
    }
    String poolingName = manifest.pooling() == null ? "mean" : manifest.pooling();
    Pooling pooling =
        Pooling.byName(poolingName)
            .orElseThrow(
                () ->
                    new IOException("pooling '" + poolingName + "' (expected: mean, cls or max)"));
    TensorSignature output = chooseOutput(signature);
    int maxTokens = manifest.maxTokens() == null ? DEFAULT_MAX_TOKENS : manifest.maxTokens();
    if (maxTokens < 3 || maxTokens > MOST_TOKENS) {
      throw new IOException("maxTokens: " + maxTokens + " (expected: 3 to " + MOST_TOKENS + ")");
    }
    int fixed = fixedLength(signature);
    String file = manifest.tokenizer() == null ? "tokenizer.json" : manifest.tokenizer();
    return new EmbeddingTask(
        TextTokenizer.load(
            folder.resolve(file), fixed > 0 ? Math.min(fixed, maxTokens) : maxTokens, nativeFolder),
        signature,
        manifest,
        output,
        pooling);
  }

  /** The tokens of one text, cut to the longest sequence; for a worker thread. */
  public Tokens tokenize(String text) {
    return tokenizer.encode(text).padded(fixedLength, padId);
  }

  /** The model's inputs for one text, a batch of one. */
  public List<Tensor> inputs(Tokens tokens) {
    List<Tensor> tensors = new ArrayList<>(inputs.size());
    for (TensorSignature input : inputs) {
      tensors.add(tensor(input, values(input.name(), tokens)));
    }
    return tensors;
  }

  /** The only output that {@link #embedding} needs. */
  public String outputName() {
    return output.name();
  }

  /** The embedding of one text from the model's outputs for it; pooled and normalised. */
  public float[] embedding(List<Tensor> outputs, Tokens tokens) {
    Tensor found =
        outputs.stream()
            .filter(tensor -> tensor.name().equals(output.name()))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no output '" + output.name() + "'"));
    long[] shape = found.shape();
    float[] vector = new float[Math.toIntExact(shape[shape.length - 1])];
    FloatBuffer values = found.data().asFloatBuffer();
    if (shape.length == 3) {
      pooling.pool(values, tokens.mask(), vector);
    } else {
      values.get(0, vector);
    }
    if (normalize) {
      Pooling.normalize(vector);
    }
    return vector;
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  private static long[] values(String input, Tokens tokens) {
    return switch (input) {
      case "attention_mask" -> tokens.mask();
      case "token_type_ids" -> tokens.types();
      default -> tokens.ids();
    };
  }

  private static Tensor tensor(TensorSignature input, long[] values) {
    ByteBuffer data =
        ByteBuffer.allocate(values.length * input.datatype().byteSize())
            .order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      if (input.datatype() == DataType.INT32) {
        data.putInt((int) value);
      } else {
        data.putLong(value);
      }
    }
    return new Tensor(input.name(), input.datatype(), new long[] {1, values.length}, data.flip());
  }

  private static void requireTokenInput(TensorSignature input) throws IOException {
    boolean known = List.of("input_ids", "attention_mask", "token_type_ids").contains(input.name());
    boolean integer = input.datatype() == DataType.INT64 || input.datatype() == DataType.INT32;
    if (!known || !integer || input.shape().size() != 2) {
      throw new IOException(
          "task embedding: input '%s' %s%s (expected: input_ids, attention_mask or token_type_ids,"
                  .formatted(input.name(), input.datatype(), input.shape())
              + " INT64 or INT32, of two dimensions)");
    }
  }

  /** A sentence embedding if the model gives one, else a vector a token. */
  private static TensorSignature chooseOutput(Signature signature) throws IOException {
    List<Predicate<TensorSignature>> preferences =
        List.of(
            output -> output.name().equals("sentence_embedding"),
            output -> output.name().equals("last_hidden_state"),
            output -> output.name().equals("token_embeddings"),
            output -> output.shape().size() == 3,
            output -> output.shape().size() == 2);
    for (Predicate<TensorSignature> preference : preferences) {
      for (TensorSignature output : signature.outputs()) {
        int rank = output.shape().size();
        if (output.datatype() == DataType.FP32
            && (rank == 2 || rank == 3)
            && preference.test(output)) {
          return output;
        }
      }
    }
    throw new IOException(
        "task embedding: none of the outputs "
            + signature.outputs().stream().map(TensorSignature::name).toList()
            + " is FP32 with two or three dimensions");
  }

  /** The sequence length a model insists on; 0 when any length goes. */
  private static int fixedLength(Signature signature) {
    return signature.inputs().stream()
        .map(TensorSignature::shape)
        .filter(shape -> shape.size() == 2)
        .map(shape -> shape.get(1))
        .filter(dimension -> !dimension.isFree())
        .mapToInt(EmbeddingTask::size)
        .findFirst()
        .orElse(0);
  }

  private static int size(Dimension dimension) {
    return Math.toIntExact(dimension.size());
  }

  /** Cuts a vector to its first components and scales it to length 1 again. */
  public static float[] shortened(float[] vector, int dimensions) {
    float[] head = Arrays.copyOf(vector, dimensions);
    Pooling.normalize(head);
    return head;
  }
}
