/**
 * Spans, off unless asked for: a call's {@code traceparent} header and times that were measured
 * anyway come in, OpenTelemetry spans go out to a collector in batches, off the hot path.
 */
@NullMarked
package dev.millrace.process.trace;

import org.jspecify.annotations.NullMarked;
