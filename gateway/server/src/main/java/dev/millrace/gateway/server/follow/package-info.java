/**
 * Follows the registry's snapshot and publishes it as one immutable view that every request reads.
 */
@NullMarked
package dev.millrace.gateway.server.follow;

import org.jspecify.annotations.NullMarked;
