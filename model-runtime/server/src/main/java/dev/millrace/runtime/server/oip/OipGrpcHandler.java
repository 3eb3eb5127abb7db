package dev.millrace.runtime.server.oip;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.ModelConfigRequest;
import dev.millrace.protocol.grpc.ModelConfigResponse;
import dev.millrace.protocol.grpc.ModelMetadataRequest;
import dev.millrace.protocol.grpc.ModelMetadataResponse;
import dev.millrace.protocol.grpc.ModelReadyRequest;
import dev.millrace.protocol.grpc.ModelReadyResponse;
import dev.millrace.protocol.grpc.ModelStatisticsRequest;
import dev.millrace.protocol.grpc.ModelStatisticsResponse;
import dev.millrace.protocol.grpc.ServerLiveResponse;
import dev.millrace.protocol.grpc.ServerMetadataResponse;
import dev.millrace.protocol.grpc.ServerReadyResponse;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.ModelMetadata;
import dev.millrace.protocol.oip.ServerMetadata;
import dev.millrace.protocol.oip.TensorMetadata;
import dev.millrace.protocol.tensor.TensorMemory;
import dev.millrace.runtime.server.replica.Replicas;
import dev.millrace.runtime.server.replica.ServedVersion;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@code inference.GRPCInferenceService} on encoded messages, without a transport. Never blocks,
 * from any thread; the answer may come on any thread.
 */
@Singleton
public class OipGrpcHandler {
  /** Full name of the service. */
  public static final String SERVICE = "inference.GRPCInferenceService";

  /** The only method that is a stream both ways. */
  public static final String STREAM_RPC = "ModelStreamInfer";

  /** The caller's metadata by which an error ends the stream, as a status. */
  public static final String ERRORS_END_STREAM = "triton_grpc_error";

  /** The unary methods. */
  public static final List<String> RPCS =
      List.of(
          "ServerLive",
          "ServerReady",
          "ServerMetadata",
          "ModelReady",
          "ModelMetadata",
          "ModelConfig",
          "ModelStatistics",
          "ModelInfer");

  /** Methods that need no credential. */
  public static final Set<String> ANONYMOUS_RPCS = Set.of("ServerLive", "ServerReady");

  private static final Runnable NOTHING = () -> {};

  private final Replicas replicas;
  private final InferenceFlow flow;
  private final ServerDescription server;
  private final ModelConfigs configs;
  private final Statistics statistics;

  OipGrpcHandler(Replicas replicas, InferenceFlow flow, OipHttpHandler.Descriptions descriptions) {
    this.configs = descriptions.configs();
    this.statistics = descriptions.statistics();
    this.replicas = replicas;
    this.flow = flow;
    this.server = descriptions.server();
  }

  /**
   * Answers one call.
   *
   * @param rpc the method's bare name, for example {@code ModelInfer}
   * @param message the encoded request, without gRPC's framing; must stay unchanged until the
   *     answer is there
   * @return fails with {@link MillraceException} only, never wrapped
   */
  public CompletionStage<GrpcReply> handle(String rpc, ByteBuffer message, CallContext context) {
    return handle(rpc, message, context, Runnable::run);
  }

  /**
   * Answers one call; what is short to write is written on a thread of the transport.
   *
   * @param rpc the method's bare name, for example {@code ModelInfer}
   * @param message the encoded request, without gRPC's framing; must stay unchanged until the
   *     answer is there
   * @param answering runs that short work, for example on the connection's event loop
   * @return fails with {@link MillraceException} only, never wrapped
   */
  public CompletionStage<GrpcReply> handle(
      String rpc, ByteBuffer message, CallContext context, Executor answering) {
    try {
      return route(rpc, message, context, answering);
    } catch (RuntimeException failure) {
      return CompletableFuture.failedFuture(Failures.of(failure, context.requestId()));
    }
  }

  /**
   * Opens a {@code ModelStreamInfer} stream.
   *
   * @param errorsEndIt whether an error ends the stream instead of its message alone ({@link
   *     #ERRORS_END_STREAM})
   */
  public InferStream stream(
      CallContext context, boolean errorsEndIt, InferStream.Transport transport) {
    context.requireTarget();
    return new InferStream(flow, context, errorsEndIt, transport);
  }

  private CompletionStage<GrpcReply> route(
      String rpc, ByteBuffer message, CallContext context, Executor answering) {
    return switch (rpc) {
      case "ServerLive" -> now(context, ServerLiveResponse.newBuilder().setLive(true).build());
      case "ServerReady" ->
          now(context, ServerReadyResponse.newBuilder().setReady(replicas.accepting()).build());
      case "ServerMetadata" -> now(context, serverMetadata());
      case "ModelReady" -> modelReady(message, context);
      case "ModelMetadata" -> {
        var request = parse(rpc, ModelMetadataRequest.parser(), message);
        yield described(context, request.getName(), this::metadata);
      }
      case "ModelConfig" -> {
        var request = parse(rpc, ModelConfigRequest.parser(), message);
        yield described(context, request.getName(), this::config);
      }
      case "ModelStatistics" -> {
        var request = parse(rpc, ModelStatisticsRequest.parser(), message);
        String endpoint = context.endpoint().isEmpty() ? request.getName() : context.endpoint();
        yield now(
            context,
            ModelStatisticsResponse.newBuilder()
                .addModelStats(statistics.of(endpoint, context.requireTarget()))
                .build());
      }
      case "ModelInfer" -> infer(message, context, answering);
      default ->
          throw MillraceException.of(ErrorCode.NOT_IMPLEMENTED, "method '%s' is not offered", rpc);
    };
  }

  private CompletionStage<GrpcReply> infer(
      ByteBuffer message, CallContext context, Executor answering) {
    var ends = new Ends(message, answering);
    return flow.run(context, context.endpoint(), message.remaining(), ends);
  }

  /** How this protocol reads and writes one call. */
  private record Ends(ByteBuffer message, Executor answering)
      implements InferenceFlow.Codec<GrpcReply> {
    @Override
    public InferRequest decode(TensorMemory memory) {
      return GrpcInferCodec.decodeRequest(message);
    }

    @Override
    public GrpcReply encode(InferenceFlow.Computed computed) {
      return OipGrpcHandler.encode(computed);
    }

    @Override
    public long size(GrpcReply reply) {
      return reply.size();
    }

    @Override
    public @Nullable GrpcReply refusal(MillraceException failure) {
      return null;
    }
  }

  private static GrpcReply encode(InferenceFlow.Computed computed) {
    boolean keep = false;
    try {
      List<ByteBuffer> parts = GrpcInferCodec.serializeResponse(computed.response());
      // More than one part: large tensors lie in the batch's own memory until they are sent.
      keep = parts.size() > 1;
      Runnable release = keep ? computed.memory()::close : NOTHING;
      return new GrpcReply(parts, computed.answer().metadata(), release);
    } finally {
      if (!keep) {
        computed.memory().close();
      }
    }
  }

  /** The protocol's answer to a model that is there but not ready is {@code false}, no error. */
  private CompletionStage<GrpcReply> modelReady(ByteBuffer message, CallContext context) {
    parse("ModelReady", ModelReadyRequest.parser(), message);
    boolean ready;
    try {
      replicas.requireReady(context.requireTarget());
      ready = true;
    } catch (MillraceException notReady) {
      if (notReady.code() != ErrorCode.MODEL_NOT_READY) {
        throw notReady;
      }
      ready = false;
    }
    return now(context, ModelReadyResponse.newBuilder().setReady(ready).build());
  }

  private CompletionStage<GrpcReply> described(
      CallContext context, String name, Function<Described, MessageLite> describe) {
    String endpoint = context.endpoint().isEmpty() ? name : context.endpoint();
    ServedVersion served = replicas.describe(context.requireTarget());
    return now(context, describe.apply(new Described(endpoint, served)));
  }

  private record Described(String endpoint, ServedVersion version) {}

  private MessageLite config(Described described) {
    return ModelConfigResponse.newBuilder()
        .setConfig(configs.of(described.endpoint(), described.version()))
        .build();
  }

  private MessageLite metadata(Described described) {
    ModelMetadata metadata = ModelDescription.metadata(described.endpoint(), described.version());
    var response =
        ModelMetadataResponse.newBuilder()
            .setName(metadata.name())
            .addAllVersions(metadata.versions())
            .setPlatform(metadata.platform())
            .putAllProperties(metadata.properties());
    metadata.inputs().forEach(input -> response.addInputs(tensor(input)));
    metadata.outputs().forEach(output -> response.addOutputs(tensor(output)));
    return response.build();
  }

  private static ModelMetadataResponse.TensorMetadata tensor(TensorMetadata tensor) {
    return ModelMetadataResponse.TensorMetadata.newBuilder()
        .setName(tensor.name())
        .setDatatype(tensor.datatype())
        .addAllShape(tensor.shape())
        .build();
  }

  private MessageLite serverMetadata() {
    ServerMetadata metadata = server.metadata();
    return ServerMetadataResponse.newBuilder()
        .setName(metadata.name())
        .setVersion(metadata.version())
        .addAllExtensions(metadata.extensions())
        .build();
  }

  private static <T> T parse(String rpc, Parser<T> parser, ByteBuffer message) {
    try {
      return parser.parseFrom(message);
    } catch (InvalidProtocolBufferException malformed) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "malformed %sRequest: %s", rpc, malformed.getMessage());
    }
  }

  private static CompletionStage<GrpcReply> now(CallContext context, MessageLite message) {
    return CompletableFuture.completedFuture(
        new GrpcReply(
            List.of(ByteBuffer.wrap(message.toByteArray())),
            Map.of(MillraceHeaders.REQUEST_ID, context.requestId())));
  }
}
