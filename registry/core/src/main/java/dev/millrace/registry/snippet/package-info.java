/**
 * How an endpoint is called, as text that can be run: a sample request and the caller's address
 * enter, a snippet a language leaves. Names in a model come from strangers, so every language
 * quotes them in its own way. Pure.
 */
@NullMarked
package dev.millrace.registry.snippet;

import org.jspecify.annotations.NullMarked;
