/**
 * Requests that work, made from a signature alone: for examples in documents and snippets. A
 * signature enters, tensors with small values leave. Pure.
 */
@NullMarked
package dev.millrace.registry.sample;

import org.jspecify.annotations.NullMarked;
