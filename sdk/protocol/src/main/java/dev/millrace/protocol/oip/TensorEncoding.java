package dev.millrace.protocol.oip;

/** How a client writes the tensors of an HTTP request. */
public enum TensorEncoding {
  /** As JSON numbers, booleans and strings; FP16 and BF16 have no such form. */
  JSON,
  /** As little-endian bytes behind the JSON object (the binary tensor data extension). */
  BINARY
}
