package dev.millrace.client;

import java.util.List;

/**
 * The vectors of some texts.
 *
 * @param model the endpoint that answered
 * @param vectors one vector a text, in the order of the texts; the arrays are the caller's
 * @param promptTokens tokens that the texts were cut into, special tokens included
 */
public record Embeddings(String model, List<float[]> vectors, long promptTokens) {
  /**
   * The cosine of the angle between two vectors: 1 the same direction, 0 unrelated.
   *
   * @throws IllegalArgumentException when the lengths differ or a vector is all zeros
   */
  public static double cosine(float[] a, float[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          "vectors: lengths " + a.length + " and " + b.length + " (expected: the same)");
    }
    double dot = 0;
    double squareA = 0;
    double squareB = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
      squareA += (double) a[i] * a[i];
      squareB += (double) b[i] * b[i];
    }
    if (squareA == 0 || squareB == 0) {
      throw new IllegalArgumentException("vectors: one is all zeros (expected: a direction)");
    }
    return dot / Math.sqrt(squareA * squareB);
  }
}
