package dev.millrace.e2e.support;

import dev.millrace.client.Transport;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.Tensors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A call of one row {@code x} whose answer nobody reads, by a client of its own. Closing it is the
 * client's going away: over HTTP/1.1 the connection breaks, over gRPC the call is cancelled.
 */
public final class OpenCall implements AutoCloseable {
  private final AutoCloseable client;

  private OpenCall(AutoCloseable client) {
    this.client = client;
  }

  /** Sends the call. */
  public static OpenCall of(Platform platform, Transport transport, String model, float[] row)
      throws IOException {
    return new OpenCall(
        transport == Transport.GRPC ? grpc(platform, model, row) : http(platform, model, row));
  }

  private static AutoCloseable http(Platform platform, String model, float[] row)
      throws IOException {
    var data = java.util.Arrays.toString(row);
    var body =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,%d],\"datatype\":\"FP32\",\"data\":%s}]}"
            .formatted(row.length, data);
    var socket = new Socket(platform.url().getHost(), platform.url().getPort());
    socket
        .getOutputStream()
        .write(
            """
            POST /v2/models/%s/infer HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer %s\r
            Content-Length: %d\r
            \r
            %s"""
                .formatted(model, platform.key(), body.length(), body)
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static AutoCloseable grpc(Platform platform, String model, float[] row) {
    ManagedChannel channel =
        Grpc.newChannelBuilder(platform.grpcTarget(), InsecureChannelCredentials.create()).build();
    var key = new Metadata();
    key.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + platform.key());
    var request =
        new InferRequest(
            model, "", "", Map.of(), List.of(Tensors.float32("x", row, 1, row.length)), List.of());
    var answer =
        GRPCInferenceServiceGrpc.newFutureStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(key))
            .modelInfer(GrpcInferCodec.encodeRequest(request, GrpcEncoding.RAW));
    return () -> {
      answer.cancel(true);
      channel.shutdownNow();
    };
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (Exception failure) {
      throw new IllegalStateException("the client could not go away", failure);
    }
  }
}
