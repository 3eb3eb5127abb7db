package dev.millrace.runtime.engine;

import org.jspecify.annotations.Nullable;

/**
 * What one version asks for; null means the engine's own option.
 *
 * @param intraOpThreads threads inside one operator, at least 1
 * @param interOpThreads operators run side by side, at least 1
 * @param spinning whether idle threads burn a core while they wait
 */
public record SessionSettings(
    @Nullable Integer intraOpThreads,
    @Nullable Integer interOpThreads,
    @Nullable Boolean spinning) {

  /** The engine's options. */
  public static final SessionSettings DEFAULT = new SessionSettings(null, null, null);

  public SessionSettings {
    if (intraOpThreads != null) {
      EngineOptions.require(intraOpThreads >= 1, "intraOpThreads", intraOpThreads, "at least 1");
    }
    if (interOpThreads != null) {
      EngineOptions.require(interOpThreads >= 1, "interOpThreads", interOpThreads, "at least 1");
    }
  }
}
