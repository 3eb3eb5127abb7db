/**
 * Small ONNX models written byte by byte, so that no test needs a committed model file: a graph of
 * nodes goes in, the bytes of an {@code .onnx} file come out.
 */
@NullMarked
package dev.millrace.testkit.onnx;

import org.jspecify.annotations.NullMarked;
