package dev.millrace.gateway.routing;

/**
 * One version of an endpoint in the index of the repository.
 *
 * @param reason why no replica takes calls, in a few words; empty when one does
 */
public record IndexEntry(String endpoint, int version, State state, String reason) {
  private static final int LONGEST_REASON = 200;

  /** Triton's words for what we have of them. */
  public enum State {
    READY,
    LOADING,
    UNAVAILABLE
  }

  public IndexEntry {
    reason = reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + "…";
  }

  /** Whether it can be called. */
  public boolean ready() {
    return state == State.READY;
  }
}
