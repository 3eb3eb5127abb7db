package dev.millrace.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  private static final Duration STEP = Duration.ofMillis(400);

  private final ExecutorService server = Executors.newFixedThreadPool(2);

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  @Test
  void endsAtItsBoundWhenThroughputNeverSettles() throws Exception {
    // Two windows are too few for a plateau, whatever the machine does.
    WarmUp.Outcome outcome = new WarmUp(STEP, STEP.multipliedBy(2)).run(target(Answered::ok), 1);

    assertThat(outcome.rates()).hasSize(2).allMatch(rate -> rate > 0);
    assertThat(outcome.settled()).isFalse();
  }

  @Test
  void noTimeMeansNoCalls() throws Exception {
    assertThat(new WarmUp(STEP, Duration.ZERO).run(target(Answered::ok), 1).rates()).isEmpty();
  }

  @Test
  void aServerThatAnswersWronglyIsNotWarmedUp() {
    var warmUp = new WarmUp(STEP, STEP.multipliedBy(2));

    assertThatIOException()
        .isThrownBy(() -> warmUp.run(target(answered -> answered.wrong("7, not 8")), 1))
        .withMessage("while warming up: wrong answer: 7, not 8");
  }

  private Target target(Consumer<Answered> behaviour) {
    return new Target() {
      @Override
      public void call(int lane, long index, Answered answered) {
        server.execute(() -> behaviour.accept(answered));
      }

      @Override
      public void close() {}
    };
  }
}
