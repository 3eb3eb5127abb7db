package dev.millrace.protocol.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to call an endpoint: the answer of {@code GET /api/v1/endpoints/{e}/snippets}.
 *
 * @param version the version whose tensors the snippets name: the one with most of the traffic
 * @param task what the version's manifest says; null for plain tensors
 * @param url the platform's address as the caller of this document reached it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SnippetsDocument(
    String endpoint, int version, @Nullable String task, String url, List<Snippet> snippets) {
  public SnippetsDocument {
    snippets = List.copyOf(snippets);
  }

  /**
   * One way to call, ready to run with a key in the environment variable {@code MILLRACE_API_KEY}.
   *
   * @param language {@code curl}, {@code java}, {@code python} or {@code grpcurl}
   * @param title a few words for people
   * @param file a name under which the code can be saved and run
   * @param code the text, with a line break at its end; never a secret
   */
  public record Snippet(String language, String title, String file, String code) {}
}
