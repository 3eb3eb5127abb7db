package dev.millrace.runtime.batching;

/** One form for what an option must be. */
final class Expectations {
  private Expectations() {}

  static void expect(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(field + ": " + value + " (expected: " + expected + ")");
    }
  }
}
