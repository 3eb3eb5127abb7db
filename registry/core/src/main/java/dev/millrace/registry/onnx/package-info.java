/**
 * What an ONNX file says of itself, read from the protobuf without loading weights. Hostile bytes
 * enter; a signature or INVALID_ARGUMENT leaves.
 */
@NullMarked
package dev.millrace.registry.onnx;

import org.jspecify.annotations.NullMarked;
