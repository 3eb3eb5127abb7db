/**
 * How the meters of a process are published: the meters of every part pass through here once, when
 * they are made.
 */
@NullMarked
package dev.millrace.process.metrics;

import org.jspecify.annotations.NullMarked;
