/** What tests of every room share: a tiny-ONNX writer and the protocol's conformance suite. */
@NullMarked
package dev.millrace.testkit;

import org.jspecify.annotations.NullMarked;
