/**
 * The choice of a way to pass gRPC through a proxy, measured: three minimal proxies of equal duty,
 * each in a JVM of its own in front of the same echo, and the checks that they pass everything on.
 * A port enters on the command line of each, calls and their answers cross it, figures leave for
 * the report.
 */
@NullMarked
package dev.millrace.benchmarks.passthrough;

import org.jspecify.annotations.NullMarked;
