package dev.millrace.runtime.server.text;

import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TextSignature;
import dev.millrace.protocol.tensor.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a version does with text: cuts it into tokens, makes the model's inputs of them, and reads
 * the numbers that the model gives for them. Safe from many threads until closed; it owns the
 * tokenizer.
 */
public final class TextTask implements AutoCloseable {
  private static final int DEFAULT_MAX_TOKENS = 256;
  private static final int MOST_TOKENS = 1 << 20;

  /** Room for the special tokens of a pair and one token of each text. */
  private static final int FEWEST_TOKENS = 8;

  private final Kind kind;
  private final TextTokenizer tokenizer;
  private final TokenInputs inputs;
  private final TextSignature signature;
  private final Answer answer;
  private final int maxTokens;
  private final long padId;

  /** What the model's numbers mean. */
  public enum Kind {
    /** A vector a text. */
    EMBEDDING(TextSignature.EMBEDDING),
    /** A logit a pair of query and document. */
    RERANK(TextSignature.RERANK),
    /** A logit a label. */
    CLASSIFICATION(TextSignature.CLASSIFICATION);

    private final String manifestName;

    Kind(String manifestName) {
      this.manifestName = manifestName;
    }

    /** The name in a manifest. */
    public String manifestName() {
      return manifestName;
    }

    private static Kind of(ModelManifest manifest) {
      for (Kind kind : values()) {
        if (kind.manifestName.equals(manifest.task())) {
          return kind;
        }
      }
      throw new IllegalArgumentException("task '" + manifest.task() + "' is not one of text");
    }
  }

  /** What the manifest says of the numbers. */
  private record Answer(
      Pooling pooling, boolean normalize, Labels labels, Optional<Activation> activation) {}

  private TextTask(
      ModelManifest manifest,
      TextTokenizer tokenizer,
      TokenInputs inputs,
      TextSignature signature,
      Answer answer) {
    this.kind = Kind.of(manifest);
    this.tokenizer = tokenizer;
    this.inputs = inputs;
    this.signature = signature;
    this.answer = answer;
    int said = maxTokens(manifest);
    this.maxTokens = signature.fixedLength() > 0 ? Math.min(signature.fixedLength(), said) : said;
    Map<String, Long> padding = manifest.padding();
    this.padId = padding == null ? 0 : padding.getOrDefault("input_ids", 0L);
  }

  /**
   * Prepares the task of a version; null when it has none.
   *
   * @param folder holds the version's artifacts by name
   * @param nativeFolder where the tokenizer's native library is unpacked
   * @throws IOException when the version cannot do the task; the message says why
   */
  public static @Nullable TextTask load(
      ModelManifest manifest, Signature signature, Path folder, Path nativeFolder)
      throws IOException {
    if (!TextSignature.isText(manifest)) {
      return null;
    }
    TextSignature text;
    try {
      text = TextSignature.of(String.valueOf(manifest.task()), signature);
    } catch (IllegalArgumentException unfit) {
      throw new IOException(unfit.getMessage(), unfit);
    }
    int maxTokens = maxTokens(manifest);
    if (maxTokens < FEWEST_TOKENS || maxTokens > MOST_TOKENS) {
      throw new IOException(
          "maxTokens: %d (expected: %d to %d)".formatted(maxTokens, FEWEST_TOKENS, MOST_TOKENS));
    }
    Answer answer = answer(manifest, text, folder);
    String file = manifest.tokenizer() == null ? "tokenizer.json" : manifest.tokenizer();
    return new TextTask(
        manifest,
        TextTokenizer.load(folder.resolve(file), nativeFolder),
        new TokenInputs(signature),
        text,
        answer);
  }

  private static int maxTokens(ModelManifest manifest) {
    return manifest.maxTokens() == null ? DEFAULT_MAX_TOKENS : manifest.maxTokens();
  }

  private static Answer answer(ModelManifest manifest, TextSignature text, Path folder)
      throws IOException {
    String pooling = manifest.pooling() == null ? "mean" : manifest.pooling();
    String activation = manifest.activation();
    Optional<Activation> named =
        activation == null ? Optional.empty() : Activation.byName(activation);
    if (activation != null && named.isEmpty()) {
      throw new IOException("activation '" + activation + "' (expected: sigmoid, softmax or none)");
    }
    Labels labels =
        manifest.labels() == null ? Labels.none() : Labels.read(folder.resolve(manifest.labels()));
    if (Kind.of(manifest) == Kind.CLASSIFICATION
        && labels.size() > 0
        && text.width() > 0
        && labels.size() != text.width()) {
      throw new IOException(
          "labels '%s' has %d labels (expected: %d, one for each number in output '%s')"
              .formatted(manifest.labels(), labels.size(), text.width(), text.output().name()));
    }
    return new Answer(
        Pooling.byName(pooling)
            .orElseThrow(
                () -> new IOException("pooling '" + pooling + "' (expected: mean, cls or max)")),
        manifest.normalize() == null || manifest.normalize(),
        labels,
        named);
  }

  /** What the model's numbers mean. */
  public Kind kind() {
    return kind;
  }

  /** Most tokens of a text or pair, special tokens included. */
  public int maxTokens() {
    return maxTokens;
  }

  /** How many numbers {@link #values} gives; 0 when only the model knows. */
  public int width() {
    return signature.width();
  }

  /** Whether vectors have length 1. */
  public boolean normalizes() {
    return answer.normalize();
  }

  /** Names of the classes. */
  public Labels labels() {
    return answer.labels();
  }

  /** What makes probabilities of that many logits. */
  public Activation activation(int logits) {
    return answer.activation().orElse(logits == 1 ? Activation.SIGMOID : Activation.SOFTMAX);
  }

  /**
   * The tokens of one text; for a worker thread.
   *
   * @throws TextTooLongException when it has too many and may not be cut
   */
  public Tokens tokens(String text, Truncation truncation) {
    return full(tokenizer.encode(text, true).cut(maxTokens, truncation));
  }

  /**
   * The tokens of two texts that the model reads together; for a worker thread.
   *
   * @throws TextTooLongException when they have too many and may not be cut
   */
  public Tokens tokens(String text, String pair, Truncation truncation) {
    return full(tokenizer.encode(text, pair).cut(maxTokens, truncation));
  }

  /**
   * Ids that a caller's own tokenizer made, as they are: special tokens are his affair too.
   *
   * @throws TextTooLongException when there are too many and they may not be cut
   */
  public Tokens tokens(long[] ids, Truncation truncation) {
    var all = new EncodedText(Tokens.of(ids), new long[ids.length], new long[ids.length]);
    return full(all.cut(maxTokens, truncation));
  }

  /** All ids of a text, however many. */
  public long[] ids(String text, boolean specialTokens) {
    return tokenizer.encode(text, specialTokens).tokens().ids();
  }

  /** The text of each of these ids. */
  public List<String> words(String text, boolean specialTokens) {
    return tokenizer.words(text, specialTokens);
  }

  private Tokens full(Tokens tokens) {
    return tokens.padded(signature.fixedLength(), padId);
  }

  /** The model's inputs for one text, a batch of one. */
  public List<Tensor> inputs(Tokens tokens) {
    return inputs.of(tokens);
  }

  /** The only output that {@link #values} needs. */
  public String outputName() {
    return signature.output().name();
  }

  /**
   * What the model says of one row: a vector, pooled and normalised, or logits.
   *
   * @param outputs the model's, for a batch of one
   * @param tokens what it was given
   */
  public float[] values(List<Tensor> outputs, Tokens tokens) {
    Tensor found =
        outputs.stream()
            .filter(tensor -> tensor.name().equals(outputName()))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no output '" + outputName() + "'"));
    long[] shape = found.shape();
    float[] values = new float[shape.length == 1 ? 1 : Math.toIntExact(shape[shape.length - 1])];
    FloatBuffer numbers = found.data().asFloatBuffer();
    if (shape.length == 3) {
      answer.pooling().pool(numbers, tokens.mask(), values);
    } else {
      numbers.get(0, values);
    }
    if (kind == Kind.EMBEDDING && answer.normalize()) {
      Pooling.normalize(values);
    }
    return values;
  }

  /** The first components of a vector, scaled to length 1 again where the whole one was. */
  public float[] shortened(float[] vector, int dimensions) {
    float[] head = Arrays.copyOf(vector, dimensions);
    if (answer.normalize()) {
      Pooling.normalize(head);
    }
    return head;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
