package dev.millrace.benchmarks.scenario;

import dev.millrace.protocol.text.EditDistance;
import java.util.List;
import java.util.Optional;

/** What somebody who mistyped a name may have meant. */
final class Nearest {
  /** One letter in three may be wrong; beyond that it is another word. */
  private static final int LETTERS_A_MISTAKE = 3;

  private Nearest() {}

  /** The known name that takes the fewest changes, if these are few. */
  static Optional<String> to(String name, List<String> known) {
    return EditDistance.nearest(name, known)
        .filter(
            nearest -> EditDistance.between(name, nearest) * LETTERS_A_MISTAKE <= nearest.length());
  }
}
