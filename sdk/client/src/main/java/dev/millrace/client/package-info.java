/**
 * The Java client: inference over gRPC and HTTP with one API, text tasks, and the control API.
 * Requests enter through {@link dev.millrace.client.Millrace}; they leave as protocol messages to
 * one gateway, and failures come back as {@code MillraceException} with the platform's codes.
 */
@NullMarked
package dev.millrace.client;

import org.jspecify.annotations.NullMarked;
