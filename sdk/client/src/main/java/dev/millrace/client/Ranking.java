package dev.millrace.client;

import java.util.List;

/**
 * Documents in the order of their relevance to a query.
 *
 * @param model the endpoint that answered
 * @param results the most relevant first
 * @param tokens that query and documents were cut into, special tokens included
 */
public record Ranking(String model, List<Result> results, long tokens) {
  public Ranking {
    results = List.copyOf(results);
  }

  /**
   * One document.
   *
   * @param index its place in the list that was sent
   * @param score from 0 to 1 of a cross-encoder, or the cosine of two embeddings
   */
  public record Result(int index, float score) {}
}
