/**
 * The processes that are measured: the platform in a child JVM, the baselines in theirs, or a
 * server that somebody else runs. Each is a {@link dev.millrace.benchmarks.server.Contender}, which
 * opens targets for the load client; closing it ends its process.
 */
@NullMarked
package dev.millrace.benchmarks.server;

import org.jspecify.annotations.NullMarked;
