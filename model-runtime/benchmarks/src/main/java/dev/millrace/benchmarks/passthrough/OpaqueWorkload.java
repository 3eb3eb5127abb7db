package dev.millrace.benchmarks.passthrough;

import dev.millrace.benchmarks.wire.Exchange;
import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.Workload;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Messages of random bytes for a server that sends them back.
 *
 * @param bytes length of each
 */
public record OpaqueWorkload(int bytes) implements Workload {
  private static final int MESSAGES = 16;
  private static final long SEED = 20_260_103L;

  @Override
  public String model() {
    return "echo";
  }

  @Override
  public List<Exchange> exchanges(Protocol protocol, String model) {
    var random = new Random(SEED);
    return IntStream.range(0, MESSAGES)
        .mapToObj(
            ignored -> {
              var message = new byte[bytes];
              random.nextBytes(message);
              return new Exchange(message, -1, (answer, length) -> null).echoed();
            })
        .toList();
  }
}
