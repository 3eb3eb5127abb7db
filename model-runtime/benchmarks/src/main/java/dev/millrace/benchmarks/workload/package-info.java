/**
 * What is asked of a server: prepared requests of a few models in each protocol, with the check of
 * every answer. The messages are written and read here by hand, not by the codecs under test.
 */
@NullMarked
package dev.millrace.benchmarks.workload;

import org.jspecify.annotations.NullMarked;
