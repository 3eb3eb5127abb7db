/** Which runtime loads which version: a pure function of the members and of what is needed. */
@NullMarked
package dev.millrace.registry.placement;

import org.jspecify.annotations.NullMarked;
