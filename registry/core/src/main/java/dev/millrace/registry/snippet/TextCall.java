package dev.millrace.registry.snippet;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.protocol.control.ModelManifest;
import java.util.List;
import java.util.Optional;

/**
 * How a text task is called over REST.
 *
 * @param path of the route
 * @param body a request that works
 * @param answer where in the answer's JSON the result is, as Python writes it
 */
public record TextCall(Task task, String path, ObjectNode body, String answer) {
  static final String TEXT = "A mill race carries water to the wheel.";
  static final String QUERY = "What turns the mill?";
  static final List<String> DOCUMENTS = List.of(TEXT, "The stock market fell sharply on Monday.");

  /** The tasks that have a route. */
  public enum Task {
    EMBEDDING,
    RERANK,
    CLASSIFICATION
  }

  /** The call of a version with that manifest; empty for one that takes tensors. */
  public static Optional<TextCall> of(String endpoint, ModelManifest manifest) {
    var body = JsonNodeFactory.instance.objectNode().put("model", endpoint);
    var task = manifest.task();
    return switch (task == null ? "tensor" : task) {
      case "embedding" -> {
        body.putArray("input").add(TEXT);
        yield Optional.of(
            new TextCall(Task.EMBEDDING, "/v1/embeddings", body, "[\"data\"][0][\"embedding\"]"));
      }
      case "rerank" -> {
        var documents = body.put("query", QUERY).putArray("documents");
        DOCUMENTS.forEach(documents::add);
        yield Optional.of(new TextCall(Task.RERANK, "/v1/rerank", body, "[\"results\"]"));
      }
      case "classification" -> {
        body.putArray("input").add(TEXT);
        // Without a tokenizer it is one of tensors, for example of pictures.
        yield manifest.tokenizer() == null
            ? Optional.empty()
            : Optional.of(
                new TextCall(
                    Task.CLASSIFICATION, "/v1/classify", body, "[\"data\"][0][\"predictions\"]"));
      }
      default -> Optional.empty();
    };
  }
}
