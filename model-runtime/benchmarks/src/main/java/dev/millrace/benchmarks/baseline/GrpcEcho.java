package dev.millrace.benchmarks.baseline;

import dev.millrace.benchmarks.wire.GrpcTarget;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import java.io.IOException;

/**
 * A gRPC-Java server whose {@code ModelInfer} sends the message back, on the transport's thread.
 */
final class GrpcEcho {
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private GrpcEcho() {}

  /** Listens on a free port, which it returns. */
  static int start() throws IOException {
    var service =
        ServerServiceDefinition.builder(GRPCInferenceServiceGrpc.SERVICE_NAME)
            .addMethod(
                GrpcTarget.MODEL_INFER,
                ServerCalls.asyncUnaryCall(
                    (request, answer) -> {
                      answer.onNext(request);
                      answer.onCompleted();
                    }))
            .build();
    Server server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .directExecutor()
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .addService(service)
            .build()
            .start();
    return server.getPort();
  }
}
