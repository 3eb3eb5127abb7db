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
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A server in a child JVM that sends back what it gets, or how much it was, and does nothing else:
 * what this machine and this client could reach at most.
 */
public final class EchoServer implements Contender {
  private final ChildJvm process;
  private final ServerAddress address;
  private final UnaryOperator<Exchange> expected;

  private EchoServer(ChildJvm process, ServerAddress address, UnaryOperator<Exchange> expected) {
    this.process = process;
    this.address = address;
    this.expected = expected;
  }

  /**
   * Starts the echo, or a proxy in front of one, and waits until it listens.
   *
   * @param role what {@link BaselineMain} is to be
   * @param arguments of that role
   */
  public static EchoServer start(String role, Path folder, String... arguments) throws IOException {
    var command = new ArrayList<>(BaselineMain.command(role));
    command.addAll(List.of(arguments));
    ChildJvm process = ChildJvm.conversing(role, List.copyOf(command), folder);
    try {
      int port = Integer.parseInt(process.readLine(BaselineMain.READY));
      return new EchoServer(
          process,
          ServerAddress.local(port),
          role.equals(BaselineMain.HTTP_SINK) || role.equals(BaselineMain.HTTP_JACKSON)
              ? Exchange::counted
              : Exchange::echoed);
    } catch (IOException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  /** Where it listens. */
  public ServerAddress address() {
    return address;
  }

  @Override
  public Target open(Workload workload, Protocol protocol, int connections) {
    String model = workload.model();
    List<Exchange> exchanges = workload.exchanges(protocol, model).stream().map(expected).toList();
    return Targets.open(address, exchanges, workload.path(model), connections, protocol);
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
