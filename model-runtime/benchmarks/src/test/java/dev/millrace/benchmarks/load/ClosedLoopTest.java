package dev.millrace.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClosedLoopTest {
  private static final LoadPlan PLAN =
      new LoadPlan(4, Duration.ofMillis(100), Duration.ofSeconds(1));

  private final ExecutorService server = Executors.newFixedThreadPool(4);

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  @Test
  void keepsEachCallerBusyWithOneCallAtATime() throws Exception {
    var inFlight = new AtomicInteger();
    var most = new AtomicInteger();
    LoadResult result =
        ClosedLoop.run(
            target(
                answered -> {
                  most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
                  inFlight.decrementAndGet();
                  answered.ok();
                }),
            PLAN,
            ServerProbe.self());

    assertThat(most.get()).isBetween(1, 4);
    assertThat(result.answers()).isPositive();
    assertThat(result.perSecond()).isPositive();
    assertThat(result.wrong()).isZero();
    assertThat(result.failed()).isZero();
    assertThat(result.firstProblem()).isNull();
    assertThat(result.usage().server()).isPresent();
    assertThat(result.injection()).isNull();
  }

  @Test
  void givesUpOnAServerThatOnlyFails() throws Exception {
    var calls = new AtomicInteger();
    LoadResult result =
        ClosedLoop.run(
            target(
                answered -> {
                  calls.incrementAndGet();
                  answered.failed("connection refused");
                }),
            new LoadPlan(4, Duration.ofMillis(20), Duration.ofMinutes(1)),
            ServerProbe.blind());

    assertThat(calls).hasValue(200);
    assertThat(result.failed()).isEqualTo(200);
    assertThat(result.answers()).isZero();
    assertThat(result.firstProblem()).isEqualTo("connection refused");
    assertThat(result.serverCpuMillisPerAnswer()).isEmpty();
  }

  @Test
  void countsWrongAnswersApart() throws Exception {
    LoadResult result =
        ClosedLoop.run(target(answered -> answered.wrong("7, not 8")), PLAN, ServerProbe.blind());

    assertThat(result.answers()).isZero();
    assertThat(result.wrong()).isPositive();
    assertThat(result.firstProblem()).isEqualTo("wrong answer: 7, not 8");
  }

  private Target target(Consumer<Answered> behaviour) {
    return new Target() {
      @Override
      public void call(int lane, long index, Answered answered) {
        answered.sent();
        server.execute(() -> behaviour.accept(answered));
      }

      @Override
      public void close() {}
    };
  }
}
