/** Starts and stops the registry inside the application, and tells operators what happens. */
@NullMarked
package dev.millrace.registry.server.lifecycle;

import org.jspecify.annotations.NullMarked;
