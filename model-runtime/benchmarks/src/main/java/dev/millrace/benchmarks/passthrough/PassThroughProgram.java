package dev.millrace.benchmarks.passthrough;

import java.io.IOException;

/** What this package runs in processes of its own: the upstream and the proxies. */
public final class PassThroughProgram {
  /** Role: the echo behind every proxy. */
  public static final String UPSTREAM = "pass-through-upstream";

  private PassThroughProgram() {}

  /**
   * Starts a role and returns the port on which it listens.
   *
   * @param arguments {@link #UPSTREAM}; or a {@link ProxyKind#role} and the upstream's port
   * @throws IllegalArgumentException when there is no such role
   */
  public static int start(String... arguments) throws IOException {
    String role = arguments[0];
    if (UPSTREAM.equals(role)) {
      return EchoService.start();
    }
    for (ProxyKind kind : ProxyKind.values()) {
      if (kind.role().equals(role)) {
        return start(kind, Integer.parseInt(arguments[1]));
      }
    }
    throw new IllegalArgumentException("no such baseline: " + role);
  }

  private static int start(ProxyKind kind, int upstreamPort) throws IOException {
    return switch (kind) {
      case FRAMES -> FramesProxy.start(upstreamPort);
      case BYTES -> BytesProxy.start(upstreamPort);
      case MESSAGES -> MessagesProxy.start(upstreamPort);
    };
  }
}
