package dev.millrace.benchmarks.load;

/**
 * Told once how a call ended, on whatever thread the answer came. Exactly one of {@link #ok},
 * {@link #wrong} and {@link #failed} is called, never from inside {@link Target#call} when the call
 * went out.
 */
public interface Answered {
  /** The call is on its way now: what happened before is the client's doing, not the server's. */
  default void sent() {}

  /** An answer came and it is right. */
  void ok();

  /** An answer came and it is not the answer to this request. */
  void wrong(String why);

  /** No answer, or an error instead of one. */
  void failed(String why);
}
