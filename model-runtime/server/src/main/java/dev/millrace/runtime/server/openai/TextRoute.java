package dev.millrace.runtime.server.openai;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.error.OpenAiErrors;
import dev.millrace.runtime.server.text.TextTask;
import dev.millrace.runtime.server.text.TextTask.Kind;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The text routes. All take POST, below {@code /v1} and {@code /openai/v1}. */
public enum TextRoute {
  /** Texts to vectors. */
  EMBEDDINGS("embeddings", EnumSet.of(Kind.EMBEDDING), EmbeddingsRoute::plan),
  /** Documents in the order of their relevance to a query. */
  RERANK("rerank", EnumSet.of(Kind.RERANK, Kind.EMBEDDING), RerankRoute::plan),
  /** Texts to labels. */
  CLASSIFY("classify", EnumSet.of(Kind.CLASSIFICATION), ClassifyRoute::plan),
  /** Texts to token ids, and how many they are. */
  TOKENIZE("tokenize", EnumSet.allOf(Kind.class), TokenizeRoute::plan);

  private static final Map<String, TextRoute> BY_PATH =
      Stream.of(values())
          .flatMap(
              route ->
                  Stream.of("/v1/", "/openai/v1/")
                      .map(prefix -> Map.entry(prefix + route.path, route)))
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

  private final String path;
  private final Set<Kind> tasks;
  private final Function<TextCall, TextPlan> planning;

  TextRoute(String path, Set<Kind> tasks, Function<TextCall, TextPlan> planning) {
    this.path = path;
    this.tasks = tasks;
    this.planning = planning;
  }

  /** The route at a path without query. */
  public static Optional<TextRoute> at(String path) {
    return Optional.ofNullable(BY_PATH.get(path));
  }

  /**
   * The version's task, if it serves this route.
   *
   * @param endpoint what the caller named
   * @throws MillraceException INVALID_ARGUMENT that says what the version's task is
   */
  public TextTask require(Optional<TextTask> task, String endpoint) {
    if (task.isPresent() && tasks.contains(task.get().kind())) {
      return task.get();
    }
    String has =
        task.isPresent()
            ? "the task '" + task.get().kind().manifestName() + "'"
            : "no text task in its manifest";
    throw MillraceException.of(
            ErrorCode.INVALID_ARGUMENT,
            "model '%s' has %s; /v1/%s needs %s%s",
            endpoint,
            has,
            path,
            tasks.stream()
                .map(kind -> "'" + kind.manifestName() + "'")
                .collect(Collectors.joining(" or ")),
            task.isPresent() ? "" : "; call its /infer route")
        .withDetail(OpenAiErrors.PARAM_DETAIL, "model");
  }

  /**
   * Reads a call and cuts its texts into tokens; for a worker thread.
   *
   * @throws MillraceException INVALID_ARGUMENT that names the field, and the text where one of many
   *     is wrong; whatever {@link TextCall#goOn} throws
   */
  public TextPlan plan(TextCall call) {
    return planning.apply(call);
  }
}
