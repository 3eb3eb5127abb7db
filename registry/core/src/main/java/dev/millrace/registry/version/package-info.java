/** Versions: upload, list, read, delete. Bodies enter; immutable, numbered versions leave. */
@NullMarked
package dev.millrace.registry.version;

import org.jspecify.annotations.NullMarked;
