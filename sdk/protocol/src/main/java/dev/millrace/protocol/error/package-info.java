/**
 * One error model for REST, gRPC and the SDK: the closed set of codes, the exception that carries
 * one through the platform, and the body that carries it over the wire.
 */
@NullMarked
package dev.millrace.protocol.error;

import org.jspecify.annotations.NullMarked;
