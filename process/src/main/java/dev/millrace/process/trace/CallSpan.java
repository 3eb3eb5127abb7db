package dev.millrace.process.trace;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;

/** The outermost span of a traced call. Safe from many threads; ended once. */
public final class CallSpan {
  private final Span span;
  private final String traceparent;

  CallSpan(Span span) {
    this.span = span;
    this.traceparent = TraceParent.of(span.getSpanContext());
  }

  /** The header for whoever is called inside the call. */
  public String traceparent() {
    return traceparent;
  }

  /**
   * The call is over.
   *
   * @param failed whether the platform failed it; a caller's own mistake is no failure
   */
  public void end(Attributes attributes, boolean failed) {
    span.setAllAttributes(attributes);
    if (failed) {
      span.setStatus(StatusCode.ERROR);
    }
    span.end();
  }
}
