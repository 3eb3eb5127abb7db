package dev.millrace.benchmarks.workload;

import dev.millrace.benchmarks.wire.Exchange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;

/**
 * MiniLM, one sentence a request, lengths log-normal between 5 and 128 tokens, as real text has
 * them.
 *
 * @param padding the endpoint's {@code serving.padding}: {@code auto} batches near lengths, {@code
 *     never} only equal ones
 */
public record MixedLengthWorkload(String padding) implements ModelWorkload {
  private static final int SENTENCES = 512;
  private static final int SHORTEST = 5;
  private static final int LONGEST = 128;
  private static final double MEDIAN = 24;
  private static final double SIGMA = 0.8;
  private static final double LONG_QUANTILE = 0.9;
  private static final long SEED = 20_260_104L;

  @Override
  public String model() {
    return "bench-mixed-" + padding;
  }

  @Override
  public Map<String, Object> serving() {
    return Map.of("padding", padding);
  }

  @Override
  public List<Exchange> exchanges(Protocol protocol, String model) {
    var random = new Random(SEED);
    return Arrays.stream(lengths())
        .mapToObj(tokens -> MiniLm.exchange(protocol, model, MiniLm.sentence(random, tokens)))
        .toList();
  }

  /** Which calls send one of the longest tenth of the sentences. */
  public LongPredicate longest() {
    int[] lengths = lengths();
    int[] sorted = lengths.clone();
    Arrays.sort(sorted);
    int least = sorted[(int) (sorted.length * LONG_QUANTILE)];
    return index -> lengths[(int) (index % lengths.length)] >= least;
  }

  /** Lengths in tokens, in the order in which the sentences are sent. */
  int[] lengths() {
    var random = new Random(SEED + 1);
    return IntStream.range(0, SENTENCES)
        .map(ignored -> (int) Math.round(MEDIAN * Math.exp(SIGMA * random.nextGaussian())))
        .map(tokens -> Math.clamp(tokens, SHORTEST, LONGEST))
        .toArray();
  }

  @Override
  public Path write(Path folder) throws IOException {
    return MiniLm.writeBundle(folder);
  }
}
