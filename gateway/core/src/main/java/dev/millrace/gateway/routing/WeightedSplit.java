package dev.millrace.gateway.routing;

import dev.millrace.protocol.control.TrafficTarget;
import java.util.List;
import java.util.OptionalInt;

/**
 * Splits calls over versions by weight: deterministic in the hash, and monotone, that is, raising a
 * version's weight only moves keys to it and never between the others.
 *
 * <p>Weighted rendezvous hashing: each version draws u in (0, 1) from the hash, and the one with
 * the greatest −weight / ln(u) wins, which happens with probability weight / sum (Schindelhauer and
 * Schomaker, 2005). Immutable.
 */
final class WeightedSplit {
  private final int[] versions;
  private final double[] weights;
  private final long salt;

  private WeightedSplit(int[] versions, double[] weights, long salt) {
    this.versions = versions;
    this.weights = weights;
    this.salt = salt;
  }

  /**
   * A split over the targets with a weight above 0.
   *
   * @param salt keeps one caller's draws on different endpoints independent
   */
  static WeightedSplit of(List<TrafficTarget> traffic, long salt) {
    var serving = traffic.stream().filter(target -> target.weight() > 0).toList();
    return new WeightedSplit(
        serving.stream().mapToInt(TrafficTarget::version).toArray(),
        serving.stream().mapToDouble(TrafficTarget::weight).toArray(),
        salt);
  }

  /** The version for {@code hash}; empty when nothing has a weight. */
  OptionalInt choose(long hash) {
    if (versions.length <= 1) {
      return versions.length == 0 ? OptionalInt.empty() : OptionalInt.of(versions[0]);
    }
    int best = 0;
    double bestScore = -1;
    for (int i = 0; i < versions.length; i++) {
      double score = -weights[i] / Math.log(draw(hash, versions[i]));
      if (score > bestScore) {
        best = i;
        bestScore = score;
      }
    }
    return OptionalInt.of(versions[best]);
  }

  private double draw(long hash, int version) {
    long bits = RequestHash.mix(hash ^ RequestHash.mix(salt + version));
    // 53 random bits plus one half: never 0 and never 1, so the logarithm is finite and negative.
    return ((bits >>> 11) + 0.5) * 0x1.0p-53;
  }
}
