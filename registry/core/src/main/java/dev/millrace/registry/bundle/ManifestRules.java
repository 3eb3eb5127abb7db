package dev.millrace.registry.bundle;

import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.document.StrictDocuments;
import dev.millrace.registry.model.NameRule;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a manifest may say, given the files beside it and the signature of the model. */
final class ManifestRules {
  static final String FILE = "millrace.yaml";

  private static final String TOKENIZER = "tokenizer.json";
  private static final Set<String> TASKS =
      Set.of("tensor", "embedding", "rerank", "classification");
  private static final Set<String> TEXT_TASKS = Set.of("embedding", "rerank");
  private static final Set<String> POOLINGS = Set.of("mean", "cls", "max");
  private static final int LONGEST_TEXT = 200;

  private ManifestRules() {}

  /** Reads and checks a manifest; fills in the tokenizer where a text task ships the usual one. */
  static ModelManifest read(byte[] yaml, Set<String> files, Signature signature) {
    var manifest = StrictDocuments.yaml(yaml, ModelManifest.class, FILE);
    oneOf("task", manifest.task(), TASKS);
    oneOf("pooling", manifest.pooling(), POOLINGS);
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
    return withTokenizer(manifest, files);
  }

  private static ModelManifest withTokenizer(ModelManifest said, Set<String> files) {
    var task = said.task();
    if (task == null || !TEXT_TASKS.contains(task) || said.tokenizer() != null) {
      return said;
    }
    if (!files.contains(TOKENIZER)) {
      throw invalid("tokenizer", "absent", "task " + task + " needs a tokenizer in the bundle");
    }
    return new ModelManifest(
        task,
        TOKENIZER,
        said.pooling(),
        said.normalize(),
        said.maxTokens(),
        said.labels(),
        said.padding(),
        said.license(),
        said.card());
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
