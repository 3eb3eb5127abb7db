package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.internal.VersionKey;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Versions that are no longer assigned here but go on answering for a while. Gateways follow the
 * registry each at its own pace: one that is a moment behind still sends calls to the version that
 * traffic has just left, and none of them may be lost.
 *
 * <p>Confined to the control thread of {@link ReplicaLifecycle}.
 */
final class Departures {
  private final Map<VersionKey, Ticket> leaving = new HashMap<>();

  /** One departure of one version; a version that returns and leaves again gets another. */
  static final class Ticket {
    private Ticket() {}
  }

  /** Notes that the version leaves; null when its departure is under way already. */
  @Nullable Ticket begin(VersionKey version) {
    if (leaving.containsKey(version)) {
      return null;
    }
    var ticket = new Ticket();
    leaving.put(version, ticket);
    return ticket;
  }

  /** The version is wanted again: its departure, if any, never ends. */
  void cancel(VersionKey version) {
    leaving.remove(version);
  }

  /** Ends that very departure; false when it was cancelled meanwhile. */
  boolean end(VersionKey version, Ticket ticket) {
    return leaving.remove(version, ticket);
  }
}
