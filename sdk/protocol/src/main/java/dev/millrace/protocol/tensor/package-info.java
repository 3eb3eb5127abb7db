/**
 * Tensors as views over buffers: a name, a datatype, a shape and little-endian bytes. Nothing here
 * boxes an element.
 */
@NullMarked
package dev.millrace.protocol.tensor;

import org.jspecify.annotations.NullMarked;
