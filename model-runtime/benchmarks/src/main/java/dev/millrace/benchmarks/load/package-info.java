/**
 * The load client: calls a target in a closed or an open loop and measures what comes back. Data
 * enters as a {@link dev.millrace.benchmarks.load.Target} and a plan, and leaves as a {@link
 * dev.millrace.benchmarks.load.LoadResult}. It knows neither models nor reports.
 */
@NullMarked
package dev.millrace.benchmarks.load;

import org.jspecify.annotations.NullMarked;
