/**
 * Names of the headers that calls carry, in lower case as HTTP/2 and gRPC want them, and the rule
 * for request ids.
 */
@NullMarked
package dev.millrace.protocol.http;

import org.jspecify.annotations.NullMarked;
