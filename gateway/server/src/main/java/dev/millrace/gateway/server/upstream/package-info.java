/**
 * How a call reaches a replica: a port that the network and, in one process, a direct call
 * implement. A routed request enters, the replica's answer leaves; the bytes are not looked at.
 */
@NullMarked
package dev.millrace.gateway.server.upstream;

import org.jspecify.annotations.NullMarked;
