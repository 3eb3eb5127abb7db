package dev.millrace.benchmarks.server;

import dev.millrace.benchmarks.load.ServerProbe;
import dev.millrace.benchmarks.load.Target;
import dev.millrace.benchmarks.wire.ServerAddress;
import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.Workload;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A server that somebody else runs, ours or a peer's, and that already serves the model. Nothing is
 * deployed and nothing is stopped.
 *
 * @param address where it listens
 * @param model its name of the model; null means the workload's own
 * @param pid its process when it runs on this machine
 */
public record RemoteServer(ServerAddress address, @Nullable String model, OptionalLong pid)
    implements Contender {
  @Override
  public Target open(Workload workload, Protocol protocol, int connections) {
    String name = model == null ? workload.model() : model;
    return Targets.open(
        address, workload.exchanges(protocol, name), workload.path(name), connections, protocol);
  }

  @Override
  public ServerProbe probe() {
    return pid.isPresent() ? ServerProbe.of(pid.getAsLong()) : ServerProbe.blind();
  }

  @Override
  public void close() {}
}
