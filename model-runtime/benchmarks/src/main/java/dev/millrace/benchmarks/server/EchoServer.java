package dev.millrace.benchmarks.server;

import dev.millrace.benchmarks.baseline.BaselineMain;
import dev.millrace.benchmarks.load.ServerProbe;
import dev.millrace.benchmarks.load.Target;
import dev.millrace.benchmarks.wire.Exchange;
import dev.millrace.benchmarks.wire.ServerAddress;
import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A server in a child JVM that sends back what it gets and does nothing else: what this machine and
 * this client could reach at most.
 */
public final class EchoServer implements Contender {
  private final ChildJvm process;
  private final ServerAddress address;

  private EchoServer(ChildJvm process, ServerAddress address) {
    this.process = process;
    this.address = address;
  }

  /**
   * Starts the echo and waits until it listens.
   *
   * @param role {@link BaselineMain#HTTP_ECHO} or {@link BaselineMain#GRPC_ECHO}
   */
  public static EchoServer start(String role, Path folder) throws IOException {
    ChildJvm process = ChildJvm.conversing(role, BaselineMain.command(role), folder);
    try {
      int port = Integer.parseInt(process.readLine(BaselineMain.READY));
      return new EchoServer(process, ServerAddress.local(port));
    } catch (IOException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  @Override
  public Target open(Workload workload, Protocol protocol, int connections) {
    String model = workload.model();
    List<Exchange> exchanges =
        workload.exchanges(protocol, model).stream().map(Exchange::echoed).toList();
    return Targets.open(address, exchanges, model, connections, protocol);
  }

  @Override
  public ServerProbe probe() {
    return ServerProbe.of(process.pid());
  }

  @Override
  public void close() {
    process.close();
  }
}
