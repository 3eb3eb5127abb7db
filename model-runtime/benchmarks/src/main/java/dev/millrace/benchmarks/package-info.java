/** Benchmarks: micro-benchmarks by JMH and open-loop load against a running platform. */
@NullMarked
package dev.millrace.benchmarks;

import org.jspecify.annotations.NullMarked;
