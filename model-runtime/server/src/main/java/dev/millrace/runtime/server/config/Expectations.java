package dev.millrace.runtime.server.config;

/** How a wrong value of a configuration key is refused: with its name, value and what was meant. */
final class Expectations {
  private Expectations() {}

  static void expect(boolean holds, String key, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(
          "millrace.runtime." + key + ": " + value + " (expected: " + expected + ")");
    }
  }
}
