package dev.millrace.runtime.server.config;

import jakarta.enterprise.context.ApplicationScoped;

/** Which ports the servers of this process got; written by them, read by who tells others. */
@ApplicationScoped
public class ListeningPorts {
  private volatile int grpc;

  /** The port of the gRPC server; 0 while it does not listen. */
  public int grpc() {
    return grpc;
  }

  /** The gRPC server listens on {@code port}. */
  public void grpcListensOn(int port) {
    grpc = port;
  }
}
