package dev.millrace.benchmarks.workload;

import dev.millrace.benchmarks.wire.Exchange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * MiniLM, one sentence a request, all of the same length.
 *
 * @param tokens length of every sentence, start and end mark included
 */
public record MiniLmWorkload(int tokens) implements ModelWorkload {
  private static final int SENTENCES = 64;
  private static final long SEED = 20_260_101L;

  @Override
  public String model() {
    return "bench-minilm";
  }

  @Override
  public List<Exchange> exchanges(Protocol protocol, String model) {
    var random = new Random(SEED);
    return IntStream.range(0, SENTENCES)
        .mapToObj(ignored -> MiniLm.exchange(protocol, model, MiniLm.sentence(random, tokens)))
        .toList();
  }

  @Override
  public Path write(Path folder) throws IOException {
    return MiniLm.writeModel(folder);
  }
}
