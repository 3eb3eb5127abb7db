package dev.millrace.benchmarks.workload;

/** How tensors travel. */
public enum Protocol {
  /** REST with the numbers as JSON text. */
  HTTP_JSON,
  /** REST with the binary tensor data extension, both ways. */
  HTTP_BINARY,
  /** gRPC with raw contents. */
  GRPC;

  /** Whether requests are posted to a path. */
  public boolean http() {
    return this != GRPC;
  }
}
