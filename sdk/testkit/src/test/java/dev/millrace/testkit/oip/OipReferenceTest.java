package dev.millrace.testkit.oip;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The suite against a small server made of the codecs alone: shows that all of it can be met. */
class OipReferenceTest extends OipConformance {
  static final long LIMIT = 1 << 20;

  private static HttpServer rest;
  private static Server grpc;

  @BeforeAll
  @SuppressWarnings("deprecation") // the older version of reflection is what it tests
  static void start() throws IOException {
    rest = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    rest.createContext("/", new ReferenceRest(LIMIT));
    rest.start();
    grpc =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .maxInboundMessageSize((int) LIMIT)
            .intercept(new ReferenceGrpc.Authentication())
            .addService(service())
            .addService(new ReferenceHealth())
            .addService(ProtoReflectionServiceV1.newInstance())
            .addService(ProtoReflectionService.newInstance())
            .build()
            .start();
  }

  @AfterAll
  static void stop() {
    rest.stop(0);
    grpc.shutdownNow();
  }

  /** The service, with {@code ModelInfer} taking the bytes as they come. */
  private static ServerServiceDefinition service() {
    var name = GRPCInferenceServiceGrpc.getServiceDescriptor().getName();
    ServerServiceDefinition typed = new ReferenceGrpc().bindService();
    var infer =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(name + "/ModelInfer")
            .setRequestMarshaller(new ByteMarshaller())
            .setResponseMarshaller(new ByteMarshaller())
            .build();
    List<ServerMethodDefinition<?, ?>> others =
        typed.getMethods().stream()
            .filter(
                method -> !method.getMethodDescriptor().getBareMethodName().equals("ModelInfer"))
            .toList();
    var descriptor =
        ServiceDescriptor.newBuilder(name)
            .setSchemaDescriptor(typed.getServiceDescriptor().getSchemaDescriptor())
            .addMethod(infer);
    others.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    var service = ServerServiceDefinition.builder(descriptor.build());
    others.forEach(service::addMethod);
    return service
        .addMethod(
            infer,
            ServerCalls.asyncUnaryCall(
                (byte[] message, io.grpc.stub.StreamObserver<byte[]> caller) ->
                    ReferenceGrpc.answer(caller, () -> ReferenceGrpc.infer(message))))
        .build();
  }

  @Override
  public OipTarget target() {
    return new OipTarget(
        URI.create("http://localhost:" + rest.getAddress().getPort()),
        "localhost:" + grpc.getPort(),
        ReferenceModel.KEY,
        ReferenceModel.NAME,
        LIMIT);
  }
}
