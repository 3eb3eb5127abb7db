/**
 * The small decisions that every call passes, in a fixed order, before it is handed to its handler.
 * An exchange enters; it goes on with one more fact, or fails.
 */
@NullMarked
package dev.millrace.gateway.server.filter;

import org.jspecify.annotations.NullMarked;
