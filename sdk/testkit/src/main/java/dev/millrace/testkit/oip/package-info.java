/**
 * The Open Inference Protocol as a test suite that can be aimed at any server. A subclass of {@link
 * dev.millrace.testkit.oip.OipConformance} says where the server is; no server is inside.
 */
@NullMarked
package dev.millrace.testkit.oip;

import org.jspecify.annotations.NullMarked;
