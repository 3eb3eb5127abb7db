package dev.millrace.testkit.oip;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The suite against a small server made of the codecs alone: shows that all of it can be met. */
class OipReferenceTest extends OipConformance {
  static final long LIMIT = 1 << 20;

  private static HttpServer rest;
  private static Server grpc;

  @BeforeAll
  static void start() throws IOException {
    rest = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    rest.createContext("/", new ReferenceRest(LIMIT));
    rest.start();
    grpc =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .maxInboundMessageSize((int) LIMIT)
            .addService(ServerInterceptors.intercept(service(), new ReferenceGrpc.Authentication()))
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
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();
    var service = ServerServiceDefinition.builder(name);
    typed.getMethods().stream()
        .filter(method -> !method.getMethodDescriptor().getBareMethodName().equals("ModelInfer"))
        .forEach(service::addMethod);
    return service
        .addMethod(
            infer,
            ServerCalls.asyncUnaryCall(
                (byte[] message, io.grpc.stub.StreamObserver<byte[]> caller) ->
                    ReferenceGrpc.answer(caller, () -> ReferenceGrpc.infer(message))))
        .build();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
    }
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
