package dev.millrace.runtime.server.cache;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who gets how much of the memory that all caches of a process may take together. Pure. */
final class CacheShares {
  private CacheShares() {}

  /**
   * Max-min fair: where all asks fit each gets what it asks; otherwise small asks are met and the
   * large ones share the rest evenly, so that nobody can crowd the others out by asking for much.
   *
   * @param asked bytes by whoever asks, each at least 1
   * @param total not negative
   * @return the bytes of each; their sum is at most {@code total}
   */
  static <K> Map<K, Long> of(Map<K, Long> asked, long total) {
    List<Map.Entry<K, Long>> ascending = new ArrayList<>(asked.entrySet());
    ascending.sort(Comparator.comparingLong(Map.Entry::getValue));
    Map<K, Long> shares = new HashMap<>();
    long left = total;
    int waiting = ascending.size();
    for (Map.Entry<K, Long> ask : ascending) {
      long share = Math.min(ask.getValue(), left / waiting);
      shares.put(ask.getKey(), share);
      left -= share;
      waiting--;
    }
    return shares;
  }
}
