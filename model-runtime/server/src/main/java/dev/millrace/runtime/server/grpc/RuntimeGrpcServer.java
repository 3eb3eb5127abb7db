package dev.millrace.runtime.server.grpc;

import dev.millrace.runtime.server.config.ListeningPorts;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.oip.ClusterToken;
import dev.millrace.runtime.server.oip.OipGrpcHandler;
import io.grpc.Codec;
import io.grpc.CompressorRegistry;
import io.grpc.DecompressorRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The gRPC port, unless another server calls the handlers directly. */
@ApplicationScoped
class RuntimeGrpcServer {
  private static final Logger LOG = Logger.getLogger(RuntimeGrpcServer.class);
  private static final int FLOW_WINDOW = 4 << 20;

  /** A message is a little longer than the tensors in it: names, shapes, framing. */
  private static final int MESSAGE_SLACK = 1 << 20;

  private final RuntimeOptions options;
  private final OipGrpcHandler handler;
  private final ClusterToken token;
  private final ListeningPorts ports;
  private volatile @Nullable Server server;

  RuntimeGrpcServer(
      RuntimeOptions options, OipGrpcHandler handler, ClusterToken token, ListeningPorts ports) {
    this.options = options;
    this.handler = handler;
    this.token = token;
    this.ports = ports;
  }

  void start(@Observes @Priority(100) StartupEvent event) {
    if (!options.listen().routes()) {
      return;
    }
    var address = new InetSocketAddress(options.listen().grpcHost(), options.listen().grpcPort());
    try {
      // Calls never block, so they stay on the event loop: no thread is changed for a small one.
      server =
          NettyServerBuilder.forAddress(address)
              .directExecutor()
              .maxInboundMessageSize(options.limits().maxBodyBytes() + MESSAGE_SLACK)
              .flowControlWindow(FLOW_WINDOW)
              .permitKeepAliveTime(5, TimeUnit.SECONDS)
              .permitKeepAliveWithoutCalls(true)
              .decompressorRegistry(
                  DecompressorRegistry.getDefaultInstance().with(new DeflateCodec(), true))
              .compressorRegistry(compressors())
              .addService(service())
              .build()
              .start();
    } catch (IOException taken) {
      throw new UncheckedIOException(
          "millrace.runtime.grpc.port: cannot listen on " + address, taken);
    }
    ports.grpcListensOn(server.getPort());
    LOG.infof("gRPC listening on %s:%d", options.listen().grpcHost(), ports.grpc());
  }

  void stop(@Observes @Priority(100_000) ShutdownEvent event) {
    Server running = server;
    if (running == null) {
      return;
    }
    running.shutdown();
    try {
      if (!running.awaitTermination(1, TimeUnit.SECONDS)) {
        running.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      running.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private static CompressorRegistry compressors() {
    var registry = CompressorRegistry.newEmptyInstance();
    registry.register(Codec.Identity.NONE);
    registry.register(new Codec.Gzip());
    registry.register(new DeflateCodec());
    return registry;
  }

  private ServerServiceDefinition service() {
    var service = ServerServiceDefinition.builder(OipGrpcHandler.SERVICE);
    for (String rpc : OipGrpcHandler.RPCS) {
      service.addMethod(method(rpc, MethodType.UNARY), new RawCallHandler(rpc, handler, token));
    }
    service.addMethod(
        method(OipGrpcHandler.STREAM_RPC, MethodType.BIDI_STREAMING),
        new StreamCallHandler(handler, token));
    return service.build();
  }

  private static MethodDescriptor<List<ByteBuffer>, List<ByteBuffer>> method(
      String rpc, MethodType type) {
    return MethodDescriptor.newBuilder(BytesMarshaller.INSTANCE, BytesMarshaller.INSTANCE)
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(OipGrpcHandler.SERVICE, rpc))
        .build();
  }
}
