/**
 * Servers under load, behind HTTP/1.1 or gRPC, with as little work on the client as possible:
 * requests are encoded before the run. Prepared exchanges enter, calls and checked answers leave.
 */
@NullMarked
package dev.millrace.benchmarks.wire;

import org.jspecify.annotations.NullMarked;
