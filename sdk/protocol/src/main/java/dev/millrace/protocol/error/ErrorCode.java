package dev.millrace.protocol.error;

/**
 * Every way a call can fail, joined with its HTTP status, its gRPC status and whether repeating the
 * same call can help. The set is closed: a mapper that meets anything else has found a bug.
 *
 * <p>gRPC statuses are the numbers of {@code google.rpc.Code}, so that this type needs no gRPC
 * library.
 */
public enum ErrorCode {
  /** Bad JSON, tensor, shape, datatype or parameter. */
  INVALID_ARGUMENT(400, 3, false),
  /** No credential, or one that is not known. */
  UNAUTHENTICATED(401, 16, false),
  /** The credential lacks the grant. */
  PERMISSION_DENIED(403, 7, false),
  /** No such model, version or endpoint; never tells other projects' names apart. */
  NOT_FOUND(404, 5, false),
  /** The path exists, the verb does not. */
  METHOD_NOT_ALLOWED(405, 12, false),
  /** The name or version exists with other content. */
  ALREADY_EXISTS(409, 6, false),
  /** {@code If-Match} does not hold: read again, then repeat. */
  STALE_REVISION(412, 10, true),
  /** Over a size limit. */
  PAYLOAD_TOO_LARGE(413, 8, false),
  /** Content type or encoding that this route does not take. */
  UNSUPPORTED_MEDIA(415, 3, false),
  /** The version did not pass admission. */
  MODEL_REJECTED(422, 9, false),
  /** Over a rate; the answer says when to come back. */
  RATE_LIMITED(429, 8, true),
  /** Over a quota; the answer says when to come back. */
  QUOTA_EXCEEDED(429, 8, true),
  /** The caller went away. */
  CLIENT_CLOSED(499, 1, false),
  /** Our fault; the answer carries a request id to quote. */
  INTERNAL(500, 13, false),
  /** ONNX Runtime failed, and not because of one row's values. */
  MODEL_EXECUTION_FAILED(500, 13, false),
  /** Known, but not offered: for example a datatype that Java cannot make. */
  NOT_IMPLEMENTED(501, 12, false),
  /** Queue full, shed, draining, or no replica in time. */
  OVERLOADED(503, 14, true),
  /** The version is loading, or scaling from zero beyond the waiting room. */
  MODEL_NOT_READY(503, 14, true),
  /** Cannot finish, or did not finish, before the caller's deadline. */
  DEADLINE_EXCEEDED(504, 4, false),
  /** No runtime of the pool can hold the model. */
  INSUFFICIENT_MEMORY(507, 8, true);

  private final int httpStatus;
  private final int grpcStatus;
  private final boolean retryable;

  ErrorCode(int httpStatus, int grpcStatus, boolean retryable) {
    this.httpStatus = httpStatus;
    this.grpcStatus = grpcStatus;
    this.retryable = retryable;
  }

  /** The HTTP status, 400–599. */
  public int httpStatus() {
    return httpStatus;
  }

  /** The number of the {@code google.rpc.Code}, 1–16. */
  public int grpcStatus() {
    return grpcStatus;
  }

  /** Whether repeating the same call, after a pause, can succeed. */
  public boolean retryable() {
    return retryable;
  }
}
