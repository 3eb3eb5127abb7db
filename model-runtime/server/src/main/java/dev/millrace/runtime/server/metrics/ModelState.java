package dev.millrace.runtime.server.metrics;

import java.util.Locale;

/** How a version is on this runtime: the values of the label {@code state}. */
public enum ModelState {
  LOADING,
  READY,
  /** Not in memory; the next call loads it. */
  ASLEEP,
  FAILED,
  UNLOADING;

  /** The value of the label. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
