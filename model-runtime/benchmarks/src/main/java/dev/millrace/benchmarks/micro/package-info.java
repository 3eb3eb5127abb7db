/** Micro-benchmarks by JMH of what runs for every request. Run by {@code ./millrace bench jmh}. */
@NullMarked
package dev.millrace.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
