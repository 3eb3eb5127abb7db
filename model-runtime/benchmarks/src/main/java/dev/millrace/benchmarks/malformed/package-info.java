/**
 * Broken models against a platform that serves: mutations come in by their seeds, each gets a
 * verdict, and a {@link dev.millrace.benchmarks.malformed.MalformedReport} goes out that counts the
 * verdicts and says whether serving noticed.
 */
@NullMarked
package dev.millrace.benchmarks.malformed;

import org.jspecify.annotations.NullMarked;
