package dev.millrace.protocol.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** How far two words are apart, for suggestions in error messages. Pure. */
public final class EditDistance {
  private EditDistance() {}

  /**
   * Levenshtein's distance: how many characters differ, are missing or are too many. Time grows
   * with the product of the lengths: bound what strangers send.
   */
  public static int between(String from, String to) {
    int[] row = new int[to.length() + 1];
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

  /** The known word that takes the fewest changes, however many; empty when none is known. */
  public static Optional<String> nearest(String word, Collection<String> known) {
    return known.stream().min(Comparator.comparingInt(each -> between(word, each)));
  }
}
