package dev.millrace.runtime.engine;

import dev.millrace.protocol.text.EditDistance;
import java.util.Collection;

/** The known word that a misspelt one most likely meant. Pure. */
final class Nearest {
  private Nearest() {}

  /** {@code 'x'?} with the nearest of {@code known}, then all of them. */
  static String suggestion(String word, Collection<String> known) {
    return EditDistance.nearest(word, known)
        .map(nearest -> "'" + nearest + "'? Known: " + String.join(", ", known))
        .orElse("nothing");
  }
}
