/** The runtimes that are alive. Reports enter every few seconds; silence ends a membership. */
@NullMarked
package dev.millrace.registry.member;

import org.jspecify.annotations.NullMarked;
