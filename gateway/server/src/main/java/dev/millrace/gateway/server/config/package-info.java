/**
 * What an operator can set ({@code millrace.gateway.*}): read from the configuration at start,
 * handed on as validated, immutable options.
 */
@NullMarked
package dev.millrace.gateway.server.config;

import org.jspecify.annotations.NullMarked;
