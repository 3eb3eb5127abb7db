/** What happened, for people: a bounded log beside the state, and commits that write both. */
@NullMarked
package dev.millrace.registry.event;

import org.jspecify.annotations.NullMarked;
