package dev.millrace.cli.doctor;

import org.jspecify.annotations.Nullable;

/**
 * What one check found.
 *
 * @param subject what was looked at, one word
 * @param found what is there, one sentence
 * @param advice what to do about it; null when nothing
 */
public record Finding(Level level, String subject, String found, @Nullable String advice) {
  /** How bad it is. */
  public enum Level {
    /** As it should be. */
    OK,
    /** Works, but may surprise. */
    WARN,
    /** Will not work. */
    FAIL
  }

  static Finding ok(String subject, String found) {
    return new Finding(Level.OK, subject, found, null);
  }

  static Finding warn(String subject, String found, String advice) {
    return new Finding(Level.WARN, subject, found, advice);
  }

  static Finding fail(String subject, String found, String advice) {
    return new Finding(Level.FAIL, subject, found, advice);
  }
}
