/**
 * The configuration that every server process shares: which keys its parts know come in, a start
 * that fails on a mistyped key comes out; and the keys {@code millrace.telemetry.traces.*}.
 */
@NullMarked
package dev.millrace.process.config;

import org.jspecify.annotations.NullMarked;
