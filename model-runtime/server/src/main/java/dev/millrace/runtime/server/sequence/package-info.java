/**
 * Sequences: requests that belong together and whose model keeps tensors from one to the next.
 * Requests come in from {@code oip}, get the kept tensors as inputs, go on to their replica's
 * queue, and leave without the outputs that are kept.
 */
@NullMarked
package dev.millrace.runtime.server.sequence;

import org.jspecify.annotations.NullMarked;
