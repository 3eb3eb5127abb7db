/** Routing, identity and balancing decisions as pure functions of the snapshot. */
@NullMarked
package dev.millrace.gateway;

import org.jspecify.annotations.NullMarked;
