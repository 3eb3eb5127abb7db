package dev.millrace.gateway.server.upstream;

/** There is no connection to the replica, and no byte of the body was consumed. */
public final class UnreachableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Names the address and the reason. */
  public UnreachableException(String address, Throwable cause) {
    super(address + ": " + cause.getMessage(), cause);
  }
}
