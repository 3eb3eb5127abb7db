/** Registry, runtime and gateway composed into one process; the only place that sees all three. */
@NullMarked
package dev.millrace.standalone;

import org.jspecify.annotations.NullMarked;
