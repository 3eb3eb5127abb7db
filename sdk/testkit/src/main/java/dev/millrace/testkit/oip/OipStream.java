package dev.millrace.testkit.oip;

import static org.awaitility.Awaitility.await;

import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc.GRPCInferenceServiceStub;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelStreamInferResponse;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** One {@code ModelStreamInfer} call of a test: what is sent, and what has come back so far. */
final class OipStream implements StreamObserver<ModelStreamInferResponse> {
  private static final long LIMIT_SECONDS = 60;

  private final List<ModelStreamInferResponse> answers = new CopyOnWriteArrayList<>();
  private final CompletableFuture<List<ModelStreamInferResponse>> end = new CompletableFuture<>();
  private final StreamObserver<ModelInferRequest> requests;

  private OipStream(GRPCInferenceServiceStub stub) {
    this.requests = stub.modelStreamInfer(this);
  }

  static OipStream open(GRPCInferenceServiceStub stub) {
    return new OipStream(stub);
  }

  OipStream send(ModelInferRequest request) {
    requests.onNext(request);
    return this;
  }

  /**
   * Sends no more and waits for the end.
   *
   * @return all answers; fails with the status that the stream ended with, if that is not OK
   */
  List<ModelStreamInferResponse> finish() {
    requests.onCompleted();
    return awaitEnd();
  }

  /** Waits for so many answers; the stream stays open. */
  OipStream awaitAnswers(int count) {
    await("answers").atMost(Duration.ofSeconds(LIMIT_SECONDS)).until(() -> answers.size() >= count);
    return this;
  }

  /** Goes away in the middle. */
  void cancel() {
    ((ClientCallStreamObserver<ModelInferRequest>) requests).cancel("the client goes away", null);
  }

  /** Waits until the server ends the stream. */
  List<ModelStreamInferResponse> awaitEnd() {
    try {
      return end.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    } catch (CompletionException failed) {
      throw failed.getCause() instanceof RuntimeException status ? status : failed;
    }
  }

  @Override
  public void onNext(ModelStreamInferResponse answer) {
    answers.add(answer);
  }

  @Override
  public void onError(Throwable failure) {
    end.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    end.complete(List.copyOf(answers));
  }
}
