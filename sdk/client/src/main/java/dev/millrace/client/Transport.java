package dev.millrace.client;

/** How inference calls travel. The API, the results and the failures are the same for all. */
public enum Transport {
  /** gRPC with raw tensor bytes; the default and the fastest. */
  GRPC,
  /** HTTP with binary tensor data behind a small JSON header. */
  HTTP_BINARY,
  /** HTTP with tensors as JSON numbers; FP16 and BF16 have no such form. */
  HTTP_JSON
}
