package dev.millrace.runtime.server.metrics;

/** Why a call was turned away before it ran: the values of the label {@code reason}. */
public enum Rejection {
  QUEUE_FULL("queue_full"),
  DEADLINE("deadline"),
  DRAINING("draining"),
  NOT_READY("not_ready");

  private final String label;

  Rejection(String label) {
    this.label = label;
  }

  /** The value of the label. */
  public String label() {
    return label;
  }
}
