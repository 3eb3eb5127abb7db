/**
 * Admission on this runtime: versions that the registry asks about come in, verdicts with a
 * measured profile go back to it. Judging happens beside serving, one version at a time.
 */
@NullMarked
package dev.millrace.runtime.server.admission;

import org.jspecify.annotations.NullMarked;
