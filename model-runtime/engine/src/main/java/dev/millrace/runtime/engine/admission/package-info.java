/**
 * Admission: files of a version come in, a verdict and a measured profile go out. The work is done
 * in a child process, so that a model that crashes, hangs or eats memory harms nobody; the same
 * checks can run in this process for tests and tiny machines.
 */
@NullMarked
package dev.millrace.runtime.engine.admission;

import org.jspecify.annotations.NullMarked;
