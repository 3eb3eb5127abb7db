package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.control.Profile;
import dev.millrace.runtime.engine.Device;
import dev.millrace.runtime.engine.SessionSettings;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How many sessions of how many threads serve a version: what its owner says, else the division
 * that was measured to be the faster one. Pure.
 */
final class SessionPlan {
  /** Each instance holds its own weights; nobody who said nothing pays more than this for them. */
  private static final long MOST_COPIED_BYTES = 256L << 20;

  private static final Set<String> DIVIDING =
      Set.of("instances", "instancegroup", "intraopthreads", "executionmode");

  private SessionPlan() {}

  /**
   * The settings of a version's sessions.
   *
   * @param profile what was measured on this hardware class, if anything was
   * @param ownThreads whether each session has threads of its own
   * @throws IllegalArgumentException naming an option that the engine does not know or take
   */
  static SessionSettings of(ServingOptions serving, Optional<Profile> profile, boolean ownThreads) {
    SessionSettings asked = SessionSettings.of(serving.engine());
    int instances = serving.scheduling().instances();
    if (instances != 0) {
      return asked.withInstances(instances);
    }
    boolean free =
        ownThreads
            && !divides(serving.engine())
            && asked.device().provider() == Device.Provider.CPU;
    return profile
        .filter(measured -> free && worthIt(measured))
        .map(Profile::recommended)
        .map(it -> asked.withInstances(it.instances()).withIntraOpThreads(it.intraOpThreads()))
        .orElse(asked);
  }

  private static boolean worthIt(Profile profile) {
    int instances = profile.recommended().instances();
    long copies = profile.footprint().residentBytes() * (instances - 1L);
    return instances > 1 && instances <= 64 && copies <= MOST_COPIED_BYTES;
  }

  private static boolean divides(Map<String, String> engine) {
    return engine.keySet().stream()
        .map(name -> name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT))
        .anyMatch(DIVIDING::contains);
  }
}
