/**
 * Answers that are kept for identical calls, for endpoints that ask for it and versions that were
 * measured to be deterministic. Keys and settings enter from the handlers and the snapshot; kept
 * answers leave as heap memory that nobody gives back. Everything but {@link
 * dev.millrace.runtime.server.cache.ResponseCaches} is plain Java.
 */
@NullMarked
package dev.millrace.runtime.server.cache;

import org.jspecify.annotations.NullMarked;
