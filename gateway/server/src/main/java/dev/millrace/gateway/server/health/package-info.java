/**
 * Whether the gateway takes traffic. What it knows of the platform and whether it is stopping come
 * in; the data port's ready route and the check of the management port go out.
 */
@NullMarked
package dev.millrace.gateway.server.health;

import org.jspecify.annotations.NullMarked;
