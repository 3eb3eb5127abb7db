/**
 * What the platform's own processes tell each other ({@code /internal/v1}): the snapshot that
 * gateways and runtimes follow, and what members report back.
 */
@NullMarked
package dev.millrace.protocol.internal;

import org.jspecify.annotations.NullMarked;
