/**
 * How a control call reaches the registry: over HTTP, or through the routes of the same process. An
 * authenticated call enters, the registry's own answer leaves.
 */
@NullMarked
package dev.millrace.gateway.server.control;

import org.jspecify.annotations.NullMarked;
