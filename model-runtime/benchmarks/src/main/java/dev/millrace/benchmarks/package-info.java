/**
 * The {@code bench} command: load against a running platform, compared with baselines in turn, and
 * micro-benchmarks by JMH. The command line enters, a table and a JSON report leave.
 */
@NullMarked
package dev.millrace.benchmarks;

import org.jspecify.annotations.NullMarked;
