package dev.millrace.gateway.routing;

/**
 * One loaded version on one runtime, as a call reaches it.
 *
 * @param memberId the runtime's id, also the label of its load
 * @param httpAddress {@code host:port} of its HTTP routes, or {@code in-process}
 * @param grpcAddress {@code host:port} of its gRPC server, or {@code in-process}
 */
public record Replica(String memberId, String httpAddress, String grpcAddress) {}
