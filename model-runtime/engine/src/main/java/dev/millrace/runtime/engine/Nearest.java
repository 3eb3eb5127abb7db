package dev.millrace.runtime.engine;

import java.util.Collection;
import java.util.Comparator;

/** The known word that a misspelt one most likely meant. Pure. */
final class Nearest {
  private Nearest() {}

  /** {@code 'x'?} with the nearest of {@code known}, then all of them. */
  static String suggestion(String word, Collection<String> known) {
    return known.stream()
        .min(Comparator.comparingInt(candidate -> distance(word, candidate)))
        .map(nearest -> "'" + nearest + "'? Known: " + String.join(", ", known))
        .orElse("nothing");
  }

  /** Levenshtein's edit distance. */
  static int distance(String from, String to) {
    var row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
