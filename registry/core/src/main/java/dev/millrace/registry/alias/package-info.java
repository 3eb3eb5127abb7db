/** Aliases: movable labels on versions, moved by compare-and-set. */
@NullMarked
package dev.millrace.registry.alias;

import org.jspecify.annotations.NullMarked;
