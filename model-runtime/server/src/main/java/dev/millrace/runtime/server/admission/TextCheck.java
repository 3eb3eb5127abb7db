package dev.millrace.runtime.server.admission;

import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TextSignature;
import dev.millrace.runtime.engine.admission.AdmissionProbe.Subject;
import dev.millrace.runtime.engine.admission.FurtherCheck;
import dev.millrace.runtime.server.text.TextTask;
import dev.millrace.runtime.server.text.Truncation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tokenizer of a version that takes text and has it cut a few texts: its library is
 * native code, and the file is its author's. What a child process runs after the model.
 */
final class TextCheck implements FurtherCheck {
  private static final String TASK = "task";
  private static final String TOKENIZER = "tokenizer";
  private static final String POOLING = "pooling";
  private static final String MAX_TOKENS = "maxTokens";
  private static final String LABELS = "labels";
  private static final String ACTIVATION = "activation";
  private static final String NATIVES = "natives";

  /** What every tokenizer must take. */
  private static final String SENTENCE = "The quick brown fox jumps over the lazy dog, doesn't it?";

  /** Nothing, another script, symbols of four bytes, and more than any model takes. */
  private static final List<String> ODD_TEXTS =
      List.of(
          "",
          "素早い茶色の狐が怠けた犬を飛び越える。",
          "\uD83D\uDE00\u200D\t\u0000\u00E9e\u0301",
          "a1 ".repeat(5_000) + "b".repeat(5_000));

  /**
   * What the check must know.
   *
   * @param natives folder where the tokenizer's library is unpacked, once
   * @return empty when there is nothing to check
   */
  static Map<String, String> question(ModelManifest manifest, Path natives) {
    if (!TextSignature.isText(manifest)) {
      return Map.of();
    }
    var question = new HashMap<String, String>();
    put(question, TASK, manifest.task());
    question.put(NATIVES, natives.toAbsolutePath().toString());
    put(question, TOKENIZER, manifest.tokenizer());
    put(question, POOLING, manifest.pooling());
    put(question, MAX_TOKENS, manifest.maxTokens());
    put(question, LABELS, manifest.labels());
    put(question, ACTIVATION, manifest.activation());
    return question;
  }

  private static void put(Map<String, String> question, String name, @Nullable Object value) {
    if (value != null) {
      question.put(name, value.toString());
    }
  }

  @Override
  public Optional<String> refused(Subject subject, Signature signature, Consumer<String> progress) {
    Map<String, String> question = subject.task();
    if (!question.containsKey(TASK)) {
      return Optional.empty();
    }
    progress.accept("reading the tokenizer");
    Path folder = Objects.requireNonNull(subject.modelFile().toAbsolutePath().getParent());
    Path natives = Path.of(Objects.requireNonNull(question.get(NATIVES)));
    try (TextTask task = TextTask.load(manifest(question), signature, folder, natives)) {
      if (task == null) {
        return Optional.empty();
      }
      progress.accept("tokenizing a few texts");
      cut(task, SENTENCE);
      ODD_TEXTS.forEach(text -> tryToCut(task, text));
      return Optional.empty();
    } catch (IOException unfit) {
      return Optional.of(String.valueOf(unfit.getMessage()));
    } catch (RuntimeException fails) {
      return Optional.of("the tokenizer fails on a sample text: " + fails.getMessage());
    }
  }

  private static void cut(TextTask task, String text) {
    task.inputs(
        task.kind() == TextTask.Kind.RERANK
            ? task.tokens("fox", text, Truncation.DEFAULT)
            : task.tokens(text, Truncation.DEFAULT));
  }

  private static void tryToCut(TextTask task, String text) {
    try {
      cut(task, text);
    } catch (RuntimeException notThatText) {
      // A call with such a text fails; only a crash or a hang speaks against the version.
    }
  }

  private static ModelManifest manifest(Map<String, String> question) {
    String maxTokens = question.get(MAX_TOKENS);
    return new ModelManifest(
        question.get(TASK),
        question.get(TOKENIZER),
        question.get(POOLING),
        null,
        maxTokens == null ? null : Integer.valueOf(maxTokens),
        question.get(LABELS),
        null,
        null,
        null,
        null,
        question.get(ACTIVATION));
  }
}
