package dev.millrace.runtime.server.cache;

/** Whether a call may be answered from a cache. */
public sealed interface CacheUse {
  /** Its endpoint has none. */
  record Off() implements CacheUse {}

  /** Its endpoint has one, but the version may not use it. */
  record Bypassed(Reason reason, ResponseCache cache) implements CacheUse {}

  /** Its endpoint has one. */
  record Active(ResponseCache cache) implements CacheUse {}

  /** The endpoint has no cache. */
  Off OFF = new Off();

  /** Why answers of a version are not kept. */
  enum Reason {
    /** The same inputs gave different outputs when it was admitted. */
    NOT_DETERMINISTIC("not_deterministic"),
    /** Nobody has measured it on this hardware class, or it could not be tried. */
    NOT_MEASURED("not_measured"),
    /** The call is one of a sequence: its answer depends on the calls before it. */
    SEQUENCE("sequence");

    private final String label;

    Reason(String label) {
      this.label = label;
    }

    /** Name in metrics. */
    public String label() {
      return label;
    }
  }
}
