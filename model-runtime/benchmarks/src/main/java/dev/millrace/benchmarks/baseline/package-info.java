/**
 * The programs that the platform is compared with, each in a JVM of its own: a bare Vert.x echo, a
 * bare gRPC-Java echo, a bare ONNX Runtime loop. Commands enter on standard input, which also says
 * when to end; a port or a rate leaves on standard output.
 */
@NullMarked
package dev.millrace.benchmarks.baseline;

import org.jspecify.annotations.NullMarked;
