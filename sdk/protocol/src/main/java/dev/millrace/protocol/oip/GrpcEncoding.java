package dev.millrace.protocol.oip;

/** How a client writes the tensors of a gRPC request. */
public enum GrpcEncoding {
  /** As little-endian bytes in {@code raw_input_contents}; every datatype, no copy. */
  RAW,
  /** As typed lists in {@code contents}; FP16 and BF16 have no such form. */
  TYPED
}
