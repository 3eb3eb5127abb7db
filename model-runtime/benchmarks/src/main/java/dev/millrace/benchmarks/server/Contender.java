package dev.millrace.benchmarks.server;

import dev.millrace.benchmarks.load.ServerProbe;
import dev.millrace.benchmarks.load.Target;
import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.Workload;
import java.io.IOException;

/** One side of a comparison: a server that can be put under load. */
public interface Contender extends AutoCloseable {
  /**
   * Makes the server ready for the workload and opens connections to it. The caller closes the
   * target.
   *
   * @param connections connections of HTTP/1.1; gRPC uses one
   * @throws IOException when the server cannot serve the workload, with its reason
   */
  Target open(Workload workload, Protocol protocol, int connections)
      throws IOException, InterruptedException;

  /** Reads what the server's process uses. */
  ServerProbe probe();

  @Override
  void close();
}
