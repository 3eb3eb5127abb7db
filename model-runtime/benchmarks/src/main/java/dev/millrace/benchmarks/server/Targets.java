package dev.millrace.benchmarks.server;

import dev.millrace.benchmarks.load.Target;
import dev.millrace.benchmarks.wire.Exchange;
import dev.millrace.benchmarks.wire.GrpcTarget;
import dev.millrace.benchmarks.wire.HttpTarget;
import dev.millrace.benchmarks.wire.ServerAddress;
import dev.millrace.benchmarks.workload.Protocol;
import java.util.List;

/** Opens the target that fits a protocol. */
final class Targets {
  private Targets() {}

  static Target open(
      ServerAddress address,
      List<Exchange> exchanges,
      String path,
      int connections,
      Protocol protocol) {
    return protocol.http()
        ? new HttpTarget(address, path, exchanges, connections)
        : new GrpcTarget(address, exchanges);
  }
}
