/**
 * What a run leaves: results with their rounds, as JSON and as a table made from the same values.
 * Measurements enter, text leaves; nothing here measures.
 */
@NullMarked
package dev.millrace.benchmarks.report;

import org.jspecify.annotations.NullMarked;
