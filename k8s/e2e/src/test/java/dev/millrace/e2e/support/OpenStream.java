package dev.millrace.e2e.support;

import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelStreamInferResponse;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A {@code ModelStreamInfer} stream that its client leaves open. */
public final class OpenStream implements AutoCloseable {
  private final ManagedChannel channel;
  private final StreamObserver<ModelInferRequest> requests;
  private final AtomicInteger answers = new AtomicInteger();
  private final CompletableFuture<MillraceException> end = new CompletableFuture<>();

  /** Opens a stream with the platform's admin key. */
  public OpenStream(Platform platform) {
    var headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + platform.key());
    channel =
        ManagedChannelBuilder.forAddress(platform.url().getHost(), platform.url().getPort())
            .usePlaintext()
            .build();
    requests =
        GRPCInferenceServiceGrpc.newStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .modelStreamInfer(new Answers());
  }

  /** Asks once more. */
  public void send(ModelInferRequest request) {
    requests.onNext(request);
  }

  /** How many messages have been answered, well or not. */
  public int answers() {
    return answers.get();
  }

  /** Waits, at most a minute, until the server ends the stream with a failure. */
  public MillraceException awaitEnd() {
    return end.orTimeout(1, TimeUnit.MINUTES).join();
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private final class Answers implements StreamObserver<ModelStreamInferResponse> {
    @Override
    public void onNext(ModelStreamInferResponse answer) {
      answers.incrementAndGet();
    }

    @Override
    public void onError(Throwable failure) {
      if (failure instanceof StatusRuntimeException status) {
        end.complete(GrpcErrors.fromException(status));
      } else {
        end.completeExceptionally(failure);
      }
    }

    @Override
    public void onCompleted() {
      end.completeExceptionally(new AssertionError("the stream ended well"));
    }
  }
}
