package dev.millrace.protocol.control;

/** Where a version stands between upload and service. */
public enum VersionState {
  /** Stored and readable; nobody has tried to load it. */
  UPLOADED,
  /** A runtime is loading and measuring it. */
  VALIDATING,
  /** May serve. */
  READY,
  /** Did not pass admission; its reason says why. Final, unless somebody has it judged again. */
  REJECTED
}
