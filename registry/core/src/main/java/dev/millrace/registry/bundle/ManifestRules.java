package dev.millrace.registry.bundle;

import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.control.TextSignature;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.document.StrictDocuments;
import dev.millrace.registry.model.NameRule;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a manifest may say, given the files beside it and the signature of the model. */
final class ManifestRules {
  static final String FILE = "millrace.yaml";

  private static final String TOKENIZER = "tokenizer.json";
  private static final String CLASSIFICATION = TextSignature.CLASSIFICATION;
  private static final Set<String> TASKS =
      Set.of("tensor", TextSignature.EMBEDDING, TextSignature.RERANK, CLASSIFICATION);
  private static final Set<String> ACTIVATIONS = Set.of("sigmoid", "softmax", "none");
  private static final Set<String> POOLINGS = Set.of("mean", "cls", "max");
  private static final int LONGEST_TEXT = 200;

  private ManifestRules() {}

  /** Reads and checks a manifest; fills in the tokenizer where a text task ships the usual one. */
  static ModelManifest read(byte[] yaml, Set<String> files, Signature signature) {
    var manifest = StrictDocuments.yaml(yaml, ModelManifest.class, FILE);
    oneOf("task", manifest.task(), TASKS);
    oneOf("pooling", manifest.pooling(), POOLINGS);
    oneOf("activation", manifest.activation(), ACTIVATIONS);
    present("tokenizer", manifest.tokenizer(), files);
    present("labels", manifest.labels(), files);
    present("card", manifest.card(), files);
    var maxTokens = manifest.maxTokens();
    if (maxTokens != null && maxTokens < 1) {
      throw invalid("maxTokens", maxTokens.toString(), "at least 1");
    }
    var license = manifest.license();
    if (license != null && license.length() > LONGEST_TEXT) {
      throw invalid("license", license, "an SPDX identifier");
    }
    var padding = manifest.padding();
    if (padding != null) {
      padding.forEach(
          (input, value) -> {
            if (signature.input(input).isEmpty() || value == null) {
              throw invalid("padding", input, "names of inputs, each with a number");
            }
          });
    }
    manifest.statesOrNone().forEach((input, output) -> state(input, output, signature));
    ModelManifest whole = withTokenizer(manifest, files);
    checkTask(whole, signature);
    return whole;
  }

  /** What the task needs of the model and of the other fields. */
  private static void checkTask(ModelManifest manifest, Signature signature) {
    String task = String.valueOf(manifest.task());
    if (manifest.pooling() != null || manifest.normalize() != null) {
      onlyFor(
          manifest.pooling() != null ? "pooling" : "normalize",
          task,
          Set.of(TextSignature.EMBEDDING));
    }
    if (manifest.activation() != null) {
      onlyFor("activation", task, Set.of(TextSignature.RERANK, CLASSIFICATION));
    }
    if (TextSignature.isText(manifest)) {
      try {
        TextSignature.of(task, signature);
      } catch (IllegalArgumentException unfit) {
        throw MillraceException.of(ErrorCode.INVALID_ARGUMENT, FILE + ": " + unfit.getMessage());
      }
    }
  }

  private static void onlyFor(String field, String task, Set<String> tasks) {
    if (!tasks.contains(task)) {
      throw invalid(
          field,
          "given",
          "only with task " + String.join(" or ", tasks.stream().sorted().toList()));
    }
  }

  /** What an output leaves must fit the input that it becomes. */
  private static void state(String input, @Nullable String output, Signature signature) {
    var to = signature.input(input);
    var from = output == null ? Optional.<TensorSignature>empty() : signature.output(output);
    if (to.isEmpty() || from.isEmpty()) {
      throw invalid(
          "states",
          input + ": " + output,
          "names of inputs, each with the name of the output that it gets from the request before");
    }
    if (!fits(to.get(), from.get())) {
      throw invalid(
          "states",
          input + ": " + output,
          "an input and an output of the same shape and datatype, with elements of a fixed size");
    }
  }

  private static boolean fits(TensorSignature to, TensorSignature from) {
    if (to.datatype() != from.datatype()
        || !to.datatype().fixedSize()
        || to.shape().size() != from.shape().size()) {
      return false;
    }
    for (int axis = 0; axis < to.shape().size(); axis++) {
      var wanted = to.shape().get(axis);
      var given = from.shape().get(axis);
      if (!wanted.isFree() && !given.isFree() && wanted.size() != given.size()) {
        return false;
      }
    }
    return true;
  }

  private static ModelManifest withTokenizer(ModelManifest said, Set<String> files) {
    var task = said.task();
    if (task == null || said.tokenizer() != null) {
      return said;
    }
    if (files.contains(TOKENIZER) && TASKS.contains(task) && !task.equals("tensor")) {
      return said.withTokenizer(TOKENIZER);
    }
    if (task.equals(TextSignature.EMBEDDING) || task.equals(TextSignature.RERANK)) {
      throw invalid("tokenizer", "absent", "task " + task + " needs a tokenizer in the bundle");
    }
    return said;
  }

  private static void oneOf(String field, @Nullable String value, Set<String> allowed) {
    if (value != null && !allowed.contains(value)) {
      var hint = StrictDocuments.nearest(value, allowed);
      throw invalid(
          field,
          value,
          "one of "
              + String.join(", ", allowed.stream().sorted().toList())
              + hint.map(it -> "; did you mean '" + it + "'?").orElse(""));
    }
  }

  private static void present(String field, @Nullable String name, Set<String> files) {
    if (name != null && !files.contains(name)) {
      throw invalid(field, name, "a file of the bundle");
    }
  }

  private static MillraceException invalid(String field, String value, String expected) {
    return MillraceException.of(
        ErrorCode.INVALID_ARGUMENT,
        "%s: %s: '%s' (expected: %s)".formatted(FILE, field, NameRule.quoted(value), expected));
  }
}
