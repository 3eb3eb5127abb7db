/**
 * {@code millrace demo}: starts the platform in a child JVM, deploys a real model through the
 * public API, calls it and shows the way on.
 */
@NullMarked
package dev.millrace.cli.demo;

import org.jspecify.annotations.NullMarked;
