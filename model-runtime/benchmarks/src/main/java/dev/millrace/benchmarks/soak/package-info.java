/**
 * Hours of use in minutes: a platform under load whose models come, move and go all the while. The
 * distribution and a duration come in, a {@link dev.millrace.benchmarks.soak.SoakReport} goes out
 * that says what failed and what grew.
 */
@NullMarked
package dev.millrace.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
