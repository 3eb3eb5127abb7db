package dev.millrace.client;

import java.util.List;

/**
 * Labels of some texts.
 *
 * @param model the endpoint that answered
 * @param texts one list a text, in the order of the texts; in each the likeliest label first
 * @param tokens that the texts were cut into, special tokens included
 */
public record Classifications(String model, List<List<Label>> texts, long tokens) {
  public Classifications {
    texts = List.copyOf(texts);
  }

  /**
   * One label of a text.
   *
   * @param label its name in the model's bundle
   * @param score its probability
   */
  public record Label(String label, float score) {}
}
