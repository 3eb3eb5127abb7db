/**
 * Does a process grow? Its metrics and the system's figures come in, one {@link
 * dev.millrace.benchmarks.vitals.Vitals} a look; out comes for each quantity a line through them
 * and whether it rises more than it may.
 */
@NullMarked
package dev.millrace.benchmarks.vitals;

import org.jspecify.annotations.NullMarked;
