/**
 * The runtime's own HTTP routes: Vert.x requests come in, whole calls go to {@link
 * dev.millrace.runtime.server.oip.OipHttpHandler}, and its buffers go out uncopied.
 */
@NullMarked
package dev.millrace.runtime.server.http;

import org.jspecify.annotations.NullMarked;
