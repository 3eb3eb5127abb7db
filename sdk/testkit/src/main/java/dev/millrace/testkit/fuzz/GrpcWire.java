package dev.millrace.testkit.fuzz;

import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.testkit.oip.ByteMarshaller;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Two kept HTTP/2 connections: gRPC's own for messages of any bytes, and one of the JDK for frames
 * that lie. Thread-safe.
 */
final class GrpcWire implements AutoCloseable {
  private static final int HANG_SECONDS = 20;

  /** Internal, unknown, unavailable, data loss and unauthenticated, as numbers in a trailer. */
  private static final Set<String> FORBIDDEN = Set.of("13", "2", "14", "15", "16");

  private static final MethodDescriptor<byte[], byte[]> INFER =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName())
          .setRequestMarshaller(new ByteMarshaller())
          .setResponseMarshaller(new ByteMarshaller())
          .build();

  private final ManagedChannel connection;
  private final Channel channel;
  private final HttpClient frames =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
  private final URI server;
  private final @Nullable String key;

  GrpcWire(URI server, String target, @Nullable String key) {
    this.server = server;
    this.key = key;
    connection =
        ManagedChannelBuilder.forTarget(target)
            .usePlaintext()
            .compressorRegistry(PackedBefore.registry())
            .build();
    var headers = new Metadata();
    if (key != null) {
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + key);
    }
    channel =
        ClientInterceptors.intercept(
            connection, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** Opens the connection for frames by way of an upgrade from HTTP/1.1. */
  void upgrade() throws IOException, InterruptedException {
    var live = HttpRequest.newBuilder(server.resolve("/v2/health/live")).build();
    var version = frames.send(live, HttpResponse.BodyHandlers.discarding()).version();
    if (version != HttpClient.Version.HTTP_2) {
      throw new IOException("no HTTP/2 but " + version);
    }
  }

  /** The answer to a message. */
  byte[] answer(byte[] message) {
    return ClientCalls.blockingUnaryCall(
        channel,
        INFER,
        CallOptions.DEFAULT.withDeadlineAfter(HANG_SECONDS, TimeUnit.SECONDS),
        message);
  }

  /** Sends a stream and judges. */
  Outcome stream(FuzzStream stream) throws InterruptedException {
    return new GrpcStream(stream, HANG_SECONDS).send(channel);
  }

  /** Sends a message and judges. */
  Outcome message(FuzzCall call) {
    try {
      answer(call.body());
      return Outcome.of("OK");
    } catch (StatusRuntimeException failure) {
      return judge(failure.getStatus(), failure.getTrailers());
    }
  }

  /** Judges an end that is not OK: it must have our details. */
  static Outcome judge(Status status, @Nullable Metadata trailers) {
    if (trailers == null
        || !trailers.containsKey(
            Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER))) {
      return Outcome.wrong("ended with " + status + " and no details");
    }
    var read = GrpcErrors.fromStatus(status, trailers);
    Outcome outcome = Outcome.of(read.code().name());
    return outcome.problem().isEmpty()
        ? outcome
        : Outcome.wrong("answered " + read.code() + ": " + read.message());
  }

  /** Sends frames and judges. */
  Outcome frame(FuzzCall call) throws InterruptedException {
    var request =
        HttpRequest.newBuilder(server.resolve("/" + INFER.getServiceName() + "/" + call.path()))
            .timeout(Duration.ofSeconds(HANG_SECONDS))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .POST(HttpRequest.BodyPublishers.ofByteArray(call.body()));
    if (key != null) {
      request.header("authorization", "Bearer " + key);
    }
    call.headers().forEach(request::header);
    try {
      var answer = frames.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      String status = answer.headers().firstValue("grpc-status").orElse("0");
      if (FORBIDDEN.contains(status)) {
        return Outcome.wrong(
            "grpc-status "
                + status
                + ": "
                + answer.headers().firstValue("grpc-message").orElse(""));
      }
      return new Outcome(status.equals("0") ? "OK" : "STATUS_" + status, "");
    } catch (HttpTimeoutException hang) {
      return Outcome.wrong("no answer for " + HANG_SECONDS + " s");
    } catch (IOException reset) {
      String message = String.valueOf(reset.getMessage());
      // A stream that is reset is one call; GOAWAY is the connection, which all calls share.
      return message.startsWith("Received RST_STREAM: ")
          ? new Outcome("RESET", "")
          : Outcome.wrong("lost the connection: " + reset);
    }
  }

  @Override
  public void close() {
    connection.shutdownNow();
    frames.shutdownNow();
  }
}
