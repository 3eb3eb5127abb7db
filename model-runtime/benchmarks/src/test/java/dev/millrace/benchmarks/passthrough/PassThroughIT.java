package dev.millrace.benchmarks.passthrough;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.millrace.benchmarks.load.Answered;
import dev.millrace.benchmarks.load.Target;
import dev.millrace.benchmarks.workload.Protocol;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A comparison of proxies means nothing when one of them leaves something out. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PassThroughIT {
  /** Beyond every window of HTTP/2 here; 30 MiB would cost vertx-grpc half a minute. */
  private static final int LARGE_BYTES = 3 << 20;

  @TempDir private static Path folder;
  private static PassThroughSetup setup;

  @BeforeAll
  static void start() throws Exception {
    setup = PassThroughSetup.start(folder);
  }

  @AfterAll
  static void stop() {
    setup.close();
  }

  @Test
  void theUpstreamItselfDoesWhatTheChecksAskFor() {
    assertThatCode(() -> PassThroughCheck.run(setup.direct().address(), LARGE_BYTES))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @EnumSource
  void everyProxyPassesEverythingOn(ProxyKind kind) {
    assertThatCode(() -> PassThroughCheck.run(setup.through(kind).address(), LARGE_BYTES))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @EnumSource
  void everyProxyBearsParallelCallsWithLargeMessages(ProxyKind kind) throws Exception {
    try (Target target = setup.through(kind).open(new OpaqueWorkload(600_000), Protocol.GRPC, 16)) {
      var problems = new ConcurrentLinkedQueue<String>();
      var answered = new CountDownLatch(16);
      for (int lane = 0; lane < 16; lane++) {
        target.call(lane, lane, new Outcome(problems, answered));
      }

      assertThat(answered.await(90, TimeUnit.SECONDS)).as("every call is answered").isTrue();
      assertThat(problems).isEmpty();
    }
  }

  private record Outcome(Queue<String> problems, CountDownLatch answered) implements Answered {
    @Override
    public void ok() {
      answered.countDown();
    }

    @Override
    public void wrong(String why) {
      failed(why);
    }

    @Override
    public void failed(String why) {
      problems.add(why);
      answered.countDown();
    }
  }
}
