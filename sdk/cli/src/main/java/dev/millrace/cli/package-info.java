/**
 * The {@code millrace} command: reads the command line, talks to a platform through {@code
 * sdk/client} and nothing else, and turns answers into tables, JSON and exit codes. Subcommands are
 * in {@code command}; this package holds what all of them share.
 */
@NullMarked
package dev.millrace.cli;

import org.jspecify.annotations.NullMarked;
