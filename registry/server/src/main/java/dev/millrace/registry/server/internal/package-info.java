/**
 * What the platform's own processes call: over HTTP ({@code /internal/v1}), or directly in one
 * process.
 */
@NullMarked
package dev.millrace.registry.server.internal;

import org.jspecify.annotations.NullMarked;
