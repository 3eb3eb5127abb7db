package dev.millrace.benchmarks.load;

import dev.millrace.benchmarks.load.LoadResult.Usage;
import java.time.Duration;
import java.util.Optional;

/** Measures what the server and this process use between two moments. */
final class UsageMeter {
  private final ServerProbe server;
  private final ServerProbe client = ServerProbe.self();
  private final Optional<Duration> serverBefore;
  private final Duration clientBefore;

  private UsageMeter(ServerProbe server) {
    this.server = server;
    this.serverBefore = server.cpu();
    this.clientBefore = client.cpu().orElse(Duration.ZERO);
  }

  static UsageMeter start(ServerProbe server) {
    return new UsageMeter(server);
  }

  Usage stop() {
    Optional<Duration> used =
        serverBefore.flatMap(before -> server.cpu().map(after -> after.minus(before)));
    return new Usage(
        used, client.cpu().orElse(Duration.ZERO).minus(clientBefore), server.residentBytes());
  }
}
