package dev.millrace.gateway.server.metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps a label from growing without end: the first so many values are kept, then {@code other}.
 */
final class LabelBound {
  /** What stands for all values beyond the bound. */
  static final String OTHER = "other";

  private final Set<String> values = ConcurrentHashMap.newKeySet();
  private final AtomicInteger size = new AtomicInteger();
  private final int most;

  LabelBound(int most) {
    this.most = most;
  }

  String of(String value) {
    if (values.contains(value)) {
      return value;
    }
    if (size.get() >= most) {
      return OTHER;
    }
    if (values.add(value)) {
      size.incrementAndGet();
    }
    return value;
  }
}
