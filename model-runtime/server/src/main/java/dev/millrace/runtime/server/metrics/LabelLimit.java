package dev.millrace.runtime.server.metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps one label from having more values than a metrics store can carry: the first {@code max}
 * distinct values pass, any further one becomes {@link #OTHER}. Safe from many threads; under a
 * race a few values more may pass.
 */
final class LabelLimit {
  /** What values beyond the limit become. */
  static final String OTHER = "other";

  private final int max;
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  LabelLimit(int max) {
    this.max = max;
  }

  /** The value itself, or {@link #OTHER}. */
  String bound(String value) {
    if (known.contains(value)) {
      return value;
    }
    if (known.size() >= max) {
      return OTHER;
    }
    known.add(value);
    return value;
  }
}
