/** What the management port says about this process: whether it takes calls. */
@NullMarked
package dev.millrace.runtime.server.health;

import org.jspecify.annotations.NullMarked;
