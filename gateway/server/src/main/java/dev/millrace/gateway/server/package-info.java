/** Quarkus edge of the gateway: the proxy, its filters in a fixed order, upstream connections. */
@NullMarked
package dev.millrace.gateway.server;

import org.jspecify.annotations.NullMarked;
