package dev.millrace.benchmarks.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.millrace.benchmarks.baseline.BaselineMain;
import dev.millrace.benchmarks.load.ClosedLoop;
import dev.millrace.benchmarks.load.LoadPlan;
import dev.millrace.benchmarks.load.LoadResult;
import dev.millrace.benchmarks.load.OpenLoop;
import dev.millrace.benchmarks.load.ServerProbe;
import dev.millrace.benchmarks.load.Target;
import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.TinyWorkload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The load client against the baselines, each in its own JVM, over real connections. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EchoServerIT {
  /** A busy machine needs seconds until the first gRPC call of two cold JVMs is answered. */
  private static final LoadPlan PLAN =
      new LoadPlan(8, Duration.ofSeconds(3), Duration.ofSeconds(2));

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void answersEveryCallOfAClosedLoop(Protocol protocol) throws Exception {
    String role = protocol.http() ? BaselineMain.HTTP_ECHO : BaselineMain.GRPC_ECHO;
    try (EchoServer server = EchoServer.start(role, folder);
        Target target = server.open(new TinyWorkload(), protocol, 8)) {
      LoadResult result = ClosedLoop.run(target, PLAN, server.probe());

      assertThat(result.firstProblem()).isNull();
      assertThat(result.answers()).isPositive();
      assertThat(result.wrong() + result.failed()).isZero();
    }
  }

  @Test
  void answersEveryCallOfAnOpenLoop() throws Exception {
    try (EchoServer server = EchoServer.start(BaselineMain.HTTP_ECHO, folder);
        Target target = server.open(new TinyWorkload(), Protocol.HTTP_JSON, 8)) {
      LoadResult result = OpenLoop.run(target, PLAN, 100, server.probe());

      assertThat(result.firstProblem()).isNull();
      assertThat(result.answers()).isEqualTo(200);
    }
  }

  @Test
  void aBaselineEndsWhenItIsClosed() throws Exception {
    ServerProbe probe;
    try (EchoServer server = EchoServer.start(BaselineMain.GRPC_ECHO, folder)) {
      probe = server.probe();
      assertThat(probe.cpu()).isPresent();
    }

    assertThat(probe.cpu()).isEmpty();
  }

  @Test
  void aBaselineThatDoesNotStartSaysWhy() {
    assertThatIOException()
        .isThrownBy(() -> EchoServer.start("no-such-role", folder))
        .withMessageContaining("no-such-role ended unexpectedly")
        .withMessageContaining("no such baseline: no-such-role");
  }
}
