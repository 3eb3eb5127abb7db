/**
 * The runtime's spans: what the scheduler measured comes in, spans of queue and compute go to
 * {@link dev.millrace.process.trace.Tracing}.
 */
@NullMarked
package dev.millrace.runtime.server.telemetry;

import org.jspecify.annotations.NullMarked;
