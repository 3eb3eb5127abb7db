/**
 * The checks of {@code millrace doctor}: each looks at one thing and says in a sentence what it
 * found and what to do. They change nothing.
 */
@NullMarked
package dev.millrace.cli.doctor;

import org.jspecify.annotations.NullMarked;
