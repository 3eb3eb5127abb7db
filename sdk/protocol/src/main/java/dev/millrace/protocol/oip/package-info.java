/**
 * Open Inference Protocol messages as values, and their codecs: JSON, JSON with binary tensor data,
 * and gRPC. A codec takes and returns buffers and knows no transport.
 */
@NullMarked
package dev.millrace.protocol.oip;

import org.jspecify.annotations.NullMarked;
