/**
 * Loads versions into ONNX Runtime sessions and runs batches. The only room that knows ONNX
 * Runtime.
 */
@NullMarked
package dev.millrace.runtime.engine;

import org.jspecify.annotations.NullMarked;
