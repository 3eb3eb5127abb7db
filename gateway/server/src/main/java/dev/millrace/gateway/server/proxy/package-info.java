/**
 * The data port's front door and the handlers behind it: recognised calls enter from the filters
 * and leave through the upstream ports, or are answered here.
 */
@NullMarked
package dev.millrace.gateway.server.proxy;

import org.jspecify.annotations.NullMarked;
