package dev.millrace.benchmarks.scenario;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What somebody who mistyped a name may have meant. */
final class Nearest {
  /** One letter in three may be wrong; beyond that it is another word. */
  private static final int LETTERS_A_MISTAKE = 3;

  private Nearest() {}

  /** The known name that takes the fewest changes, if these are few. */
  static Optional<String> to(String name, List<String> known) {
    return known.stream()
        .min(Comparator.comparingInt(each -> distance(name, each)))
        .filter(nearest -> distance(name, nearest) * LETTERS_A_MISTAKE <= nearest.length());
  }

  /** Levenshtein's: letters that differ, are missing or are too many. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
