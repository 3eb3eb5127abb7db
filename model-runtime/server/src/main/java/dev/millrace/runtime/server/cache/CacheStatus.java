package dev.millrace.runtime.server.cache;

/** How a call met the cache of its endpoint. */
public enum CacheStatus {
  /** The endpoint has none. */
  OFF(""),
  /** Answered with what was kept; nothing was computed. */
  HIT("hit"),
  /** Computed, and kept. */
  MISS("miss"),
  /** Answered with what an identical call in flight computed. */
  COALESCED("coalesced"),
  /** Some texts of a call were kept, the others computed. */
  PARTIAL("partial"),
  /** The endpoint has one, but this call may not use it. */
  BYPASS("bypass");

  private final String label;

  CacheStatus(String label) {
    this.label = label;
  }

  /** What the header {@code millrace-cache} says; empty for none. */
  public String label() {
    return label;
  }
}
