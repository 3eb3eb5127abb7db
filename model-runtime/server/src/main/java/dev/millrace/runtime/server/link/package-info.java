/** How a runtime reaches its registry when no other bean of that type is there: over HTTP. */
@NullMarked
package dev.millrace.runtime.server.link;

import org.jspecify.annotations.NullMarked;
