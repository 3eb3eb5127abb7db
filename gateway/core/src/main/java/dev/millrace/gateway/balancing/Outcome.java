package dev.millrace.gateway.balancing;

/** How a call on a replica ended, as far as the replica's health is concerned. */
public enum Outcome {
  /** It answered; the caller's own mistakes count as answers. */
  ANSWERED,
  /** It answered with a failure that speaks against it. */
  FAILED,
  /** No connection. */
  UNREACHABLE,
  /** The caller went away or ran out of time: says nothing about the replica. */
  ABANDONED
}
