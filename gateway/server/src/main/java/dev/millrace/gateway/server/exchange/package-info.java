/**
 * One call while it is in the gateway: what is known of it, how it is answered, and when it is
 * over. Requests enter from the front door; answers and failures leave in the caller's own
 * protocol.
 */
@NullMarked
package dev.millrace.gateway.server.exchange;

import org.jspecify.annotations.NullMarked;
