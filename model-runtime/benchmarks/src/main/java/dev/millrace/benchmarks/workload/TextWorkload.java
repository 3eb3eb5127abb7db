package dev.millrace.benchmarks.workload;

import dev.millrace.benchmarks.wire.Exchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Sentences for {@code POST /v1/embeddings}, a few of them asked for again and again (Zipf), as in
 * search boxes. Over HTTP JSON only.
 */
public final class TextWorkload implements ModelWorkload {
  /** Median length of the sentences in tokens: words, none of which is split, and two marks. */
  public static final int TYPICAL_TOKENS = 16;

  private static final int SENTENCES = 400;
  private static final int REQUESTS = 4096;
  private static final int LEAST_WORDS = 4;
  private static final int MOST_WORDS = 24;
  private static final double LENGTH_TOLERANCE = 1e-3;
  private static final long SEED = 20_260_105L;
  private static final List<String> WORDS =
      List.of(
          ("the a river wheel turns under old stone bridge while morning light falls on quiet water"
                  + " and people walk past market stalls with bread apples letters from far away"
                  + " towns where trains leave late every evening before rain begins to fall again")
              .split(" "));

  private final boolean cached;

  /** On an endpoint that computes every answer. */
  public TextWorkload() {
    this(false);
  }

  private TextWorkload(boolean cached) {
    this.cached = cached;
  }

  /** On an endpoint that keeps its answers. */
  public static TextWorkload cached() {
    return new TextWorkload(true);
  }

  @Override
  public String model() {
    return cached ? "bench-text-cached" : "bench-text";
  }

  @Override
  public Map<String, Object> serving() {
    return cached ? Map.of("cache", Map.of("ttl", "1h", "maxBytes", "64Mi")) : Map.of();
  }

  @Override
  public String path(String model) {
    return "/v1/embeddings";
  }

  @Override
  public List<Exchange> exchanges(Protocol protocol, String model) {
    if (protocol != Protocol.HTTP_JSON) {
      throw new IllegalArgumentException("protocol: " + protocol + " (expected: HTTP_JSON)");
    }
    var random = new Random(SEED);
    List<Exchange> sentences = new ArrayList<>();
    for (int i = 0; i < SENTENCES; i++) {
      sentences.add(exchange(model, sentence(random)));
    }
    double[] upTo = zipf();
    List<Exchange> sent = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      int found = Arrays.binarySearch(upTo, random.nextDouble() * upTo[SENTENCES - 1]);
      sent.add(sentences.get(found < 0 ? -found - 1 : found));
    }
    return sent;
  }

  /** Sums of 1/rank: a place in them chooses a sentence. */
  private static double[] zipf() {
    var upTo = new double[SENTENCES];
    double sum = 0;
    for (int rank = 1; rank <= SENTENCES; rank++) {
      sum += 1.0 / rank;
      upTo[rank - 1] = sum;
    }
    return upTo;
  }

  private static String sentence(Random random) {
    return random
        .ints(random.nextInt(LEAST_WORDS, MOST_WORDS), 0, WORDS.size())
        .mapToObj(WORDS::get)
        .collect(Collectors.joining(" "));
  }

  private static Exchange exchange(String model, String text) {
    String body = "{\"model\":\"" + model + "\",\"input\":\"" + text + "\"}";
    return new Exchange(
        body.getBytes(StandardCharsets.UTF_8), -1, (answer, length) -> problem(answer));
  }

  /** An embedding of this model is 384 numbers of length 1 together. */
  private static @Nullable String problem(byte[] answer) {
    var numbers = JsonNumbers.of(answer, "embedding");
    int count = 0;
    double square = 0;
    while (numbers.next()) {
      double number = numbers.read();
      square += number * number;
      count++;
    }
    if (count != MiniLm.HIDDEN) {
      return "expected " + MiniLm.HIDDEN + " numbers, got " + count;
    }
    return Math.abs(square - 1) <= LENGTH_TOLERANCE ? null : "not of length 1: " + square;
  }

  @Override
  public Path write(Path folder) throws IOException {
    return MiniLm.writeBundle(folder);
  }
}
