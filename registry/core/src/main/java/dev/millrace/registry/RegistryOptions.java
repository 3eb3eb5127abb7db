package dev.millrace.registry;

import dev.millrace.registry.bundle.UploadLimits;
import java.time.Duration;

/**
 * Settings of a registry.
 *
 * @param uploads bounds of one upload
 * @param memberTimeToLive how long one report keeps a member alive
 * @param settle after a restart, how long members may take to report before followers that hold an
 *     older snapshot get a new one
 * @param replicas how many members hold each version
 * @param verdictPatience how long a runtime may take over the verdict on a version before another
 *     one is asked; longer than admission takes at most
 */
public record RegistryOptions(
    UploadLimits uploads,
    Duration memberTimeToLive,
    Duration settle,
    int replicas,
    Duration verdictPatience) {
  /** What a registry does when nobody says otherwise. */
  public static final RegistryOptions DEFAULT =
      new RegistryOptions(
          UploadLimits.DEFAULT,
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          1,
          Duration.ofMinutes(5));

  public RegistryOptions {
    if (memberTimeToLive.isNegative() || memberTimeToLive.isZero()) {
      throw new IllegalArgumentException(
          "memberTimeToLive: %s (expected: more than 0)".formatted(memberTimeToLive));
    }
    if (settle.isNegative()) {
      throw new IllegalArgumentException("settle: %s (expected: 0 or more)".formatted(settle));
    }
    if (verdictPatience.isNegative() || verdictPatience.isZero()) {
      throw new IllegalArgumentException(
          "verdictPatience: %s (expected: more than 0)".formatted(verdictPatience));
    }
    if (replicas < 1) {
      throw new IllegalArgumentException("replicas: %d (expected: at least 1)".formatted(replicas));
    }
  }
}
