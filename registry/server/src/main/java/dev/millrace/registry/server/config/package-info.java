/** The registry's configuration: read once, checked, turned into options records. */
@NullMarked
package dev.millrace.registry.server.config;

import org.jspecify.annotations.NullMarked;
