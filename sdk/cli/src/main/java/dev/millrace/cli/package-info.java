/** The millrace command: everything a person does from a shell, through the client. */
@NullMarked
package dev.millrace.cli;

import org.jspecify.annotations.NullMarked;
