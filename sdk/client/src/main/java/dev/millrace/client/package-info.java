/** Java client of a Millrace gateway: inference over HTTP and gRPC, and the control API. */
@NullMarked
package dev.millrace.client;

import org.jspecify.annotations.NullMarked;
