package dev.millrace.runtime.server.config;

import static dev.millrace.runtime.server.config.Expectations.expect;

import dev.millrace.runtime.engine.SessionSettings;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What sessions are made with where an endpoint does not say otherwise, and what all of them and
 * their files may hold.
 *
 * @param options of sessions by name; the engine knows which there are
 * @param globalThreads threads of one pool for all sessions; 0 gives each session its own
 * @param memoryBudget bytes that loaded versions may hold together, at least 1 MiB
 * @param idleAfter after how long without calls a version is unloaded until the next one; null
 *     means never
 * @param disk bounds on the cache folder
 */
public record EngineDefaults(
    Map<String, String> options,
    int globalThreads,
    long memoryBudget,
    @Nullable Duration idleAfter,
    Disk disk) {

  public EngineDefaults {
    options = Map.copyOf(options);
    try {
      SessionSettings.of(options);
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException(
          "millrace.runtime.engine-options: " + wrong.getMessage(), wrong);
    }
    expect(globalThreads >= 0, "global-threads", globalThreads, "at least 1");
    expect(memoryBudget >= 1 << 20, "memory-budget", memoryBudget, "at least 1 MiB");
    expect(
        idleAfter == null || idleAfter.toMillis() >= 100,
        "idle-after",
        String.valueOf(idleAfter),
        "at least 100 ms");
  }

  /**
   * Bounds on the cache folder.
   *
   * @param artifactBytes of artifacts; those of loaded versions stay in any case
   * @param optimizedBytes of optimized graphs; 0 keeps none
   */
  public record Disk(long artifactBytes, long optimizedBytes) {
    public Disk {
      expect(artifactBytes >= 0, "artifact-cache-size", artifactBytes, "not negative");
      expect(optimizedBytes >= 0, "optimized-cache-size", optimizedBytes, "not negative");
    }
  }
}
