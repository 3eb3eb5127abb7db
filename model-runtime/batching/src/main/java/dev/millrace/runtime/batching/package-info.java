/** Joins requests into batches. Knows queues and time, not tensors. */
@NullMarked
package dev.millrace.runtime.batching;

import org.jspecify.annotations.NullMarked;
