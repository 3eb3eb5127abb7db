package dev.millrace.runtime.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.runtime.server.text.TextTask.Kind;
import dev.millrace.runtime.server.text.Truncation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code POST /v1/rerank} in Cohere's and Jina's form. A cross-encoder reads the query with each
 * document; a model of embeddings reads them apart, and the cosine of their vectors is the score.
 */
final class RerankRoute {
  private static final String QUERY = "query";
  private static final String DOCUMENTS = "documents";

  private RerankRoute() {}

  /** What is wanted of the documents once they have scores. */
  private record Wish(List<String> documents, int most, boolean withText, boolean raw) {}

  static TextPlan plan(TextCall call) {
    TextBody body = call.body();
    String query = body.text(QUERY);
    List<String> documents = documents(body);
    var wish =
        new Wish(
            documents,
            Math.min(body.whole("top_n", 1, documents.size()), documents.size()),
            body.flag("return_documents", false),
            body.flag("raw_scores", false));
    Truncation ofQuery = Truncations.of(body);
    Truncation ofDocument =
        ofQuery.withTextLimit(body.whole("max_tokens_per_doc", 1, Truncation.NO_LIMIT));
    var rows = new RowReader(call);
    boolean pairs = call.task().kind() == Kind.RERANK;
    if (!pairs) {
      rows.add(QUERY, QUERY, query, ofQuery);
    }
    for (int i = 0; i < documents.size(); i++) {
      String document = documents.get(i);
      if (pairs) {
        rows.add(DOCUMENTS, place(i), List.of(query, document), ofDocument);
      } else {
        rows.add(DOCUMENTS, place(i), document, ofDocument);
      }
    }
    long tokens = rows.tokens();
    return new TextPlan(
        rows.rows(),
        row -> pairs ? place(row) : row == 0 ? QUERY : place(row - 1),
        values -> answer(call, wish, pairs ? values : cosines(values), tokens));
  }

  private static String place(int document) {
    return DOCUMENTS + "[" + document + "]";
  }

  private static List<String> documents(TextBody body) {
    JsonNode list = body.list(DOCUMENTS, "a list of strings or of objects with a text");
    List<String> documents = new ArrayList<>(list.size());
    for (JsonNode document : list) {
      documents.add(TextBody.text(DOCUMENTS, document, place(documents.size())));
    }
    return documents;
  }

  private static List<float[]> cosines(List<float[]> vectors) {
    float[] query = vectors.get(0);
    List<float[]> cosines = new ArrayList<>(vectors.size() - 1);
    for (float[] document : vectors.subList(1, vectors.size())) {
      double dot = 0;
      double squareOfQuery = 0;
      double squareOfDocument = 0;
      for (int i = 0; i < query.length; i++) {
        dot += (double) query[i] * document[i];
        squareOfQuery += (double) query[i] * query[i];
        squareOfDocument += (double) document[i] * document[i];
      }
      double lengths = Math.sqrt(squareOfQuery * squareOfDocument);
      cosines.add(new float[] {(float) (dot / Math.max(lengths, 1e-12))});
    }
    return cosines;
  }

  private static ByteBuffer answer(TextCall call, Wish wish, List<float[]> scores, long tokens) {
    // By the model's own numbers: probabilities of clear cases are all the same.
    List<Integer> best =
        IntStream.range(0, scores.size())
            .boxed()
            .sorted(Comparator.comparingDouble(document -> -score(scores, document)))
            .limit(wish.most())
            .toList();
    if (!wish.raw() && call.task().kind() == Kind.RERANK) {
      scores.forEach(score -> call.task().activation(1).apply(score));
    }
    return AnswerJson.write(
        64 * best.size() + 256,
        json -> {
          json.writeStringField("id", call.requestId());
          json.writeStringField("object", "list");
          json.writeStringField("model", call.answeringModel());
          json.writeArrayFieldStart("results");
          for (int document : best) {
            json.writeStartObject();
            json.writeNumberField("index", document);
            json.writeNumberField("relevance_score", score(scores, document));
            if (wish.withText()) {
              json.writeObjectFieldStart("document");
              json.writeStringField("text", wish.documents().get(document));
              json.writeEndObject();
            }
            json.writeEndObject();
          }
          json.writeEndArray();
          AnswerJson.usage(json, tokens);
        });
  }

  private static float score(List<float[]> scores, int document) {
    return scores.get(document)[0];
  }
}
