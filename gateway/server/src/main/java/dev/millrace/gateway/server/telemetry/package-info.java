/**
 * The gateway's spans: a call that begins and one that is over come in, a span of the whole call
 * goes to {@link dev.millrace.process.trace.Tracing}.
 */
@NullMarked
package dev.millrace.gateway.server.telemetry;

import org.jspecify.annotations.NullMarked;
