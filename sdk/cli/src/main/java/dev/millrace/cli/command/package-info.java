/**
 * The subcommands, one class each: they parse their options, call the client once or twice and
 * print the answer. Nothing here knows how a failure is shown or where a key comes from.
 */
@NullMarked
package dev.millrace.cli.command;

import org.jspecify.annotations.NullMarked;
