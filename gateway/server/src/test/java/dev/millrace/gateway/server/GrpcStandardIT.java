package dev.millrace.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.GrpcErrors;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.health.v1.HealthGrpc.HealthBlockingStub;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Health checking where models are in every state; the usual cases are in the conformance suite.
 */
@QuarkusTest
@QuarkusTestResource(FakeAddress.class)
class GrpcStandardIT {
  @TestHTTPResource("/")
  URI base;

  private ManagedChannel channel;

  @BeforeEach
  void connect() {
    channel =
        ManagedChannelBuilder.forAddress(base.getHost(), base.getPort()).usePlaintext().build();
    await()
        .until(
            () ->
                health(channel).check(of("")).getStatus().equals(ServingStatus.SERVING)
                    && health(as(Keys.ADMIN)).check(of("echo")).getStatus()
                        == ServingStatus.SERVING);
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
  }

  private Channel as(String key) {
    var metadata = new Metadata();
    metadata.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + key);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  private static HealthBlockingStub health(Channel channel) {
    return HealthGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private static HealthCheckRequest of(String service) {
    return HealthCheckRequest.newBuilder().setService(service).build();
  }

  private static ErrorCode refused(Runnable call) {
    return GrpcErrors.fromException(catchThrowableOfType(StatusRuntimeException.class, call::run))
        .code();
  }

  @Test
  void aModelThatLoadsIsNotServing() {
    assertThat(health(as(Keys.ADMIN)).check(of("loading")).getStatus())
        .isEqualTo(ServingStatus.NOT_SERVING);
  }

  @Test
  void modelsOfOtherProjectsAreAsUnknownAsThoseOfNobody() {
    for (String model : new String[] {"secret", "nobody"}) {
      assertThat(refused(() -> health(as(Keys.ADMIN)).check(of(model))))
          .isEqualTo(ErrorCode.NOT_FOUND);
      assertThat(refused(() -> health(channel).check(of(model))))
          .isEqualTo(ErrorCode.UNAUTHENTICATED);
    }
    assertThat(refused(() -> health(as("wrong")).check(of("echo"))))
        .isEqualTo(ErrorCode.UNAUTHENTICATED);
  }

  @Test
  void aWatchEndsInTimeAndWithItsClient() {
    StatusRuntimeException late =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(300, TimeUnit.MILLISECONDS)
                    .watch(of(""))
                    .forEachRemaining(told -> {}));
    assertThat(late.getStatus().getCode()).isEqualTo(io.grpc.Status.Code.DEADLINE_EXCEEDED);
    try (Context.CancellableContext leaving = Context.current().withCancellation()) {
      leaving.run(() -> health(channel).watch(of("")).next());
    }
    assertThat(health(channel).check(of("")).getStatus()).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void aMessageThatIsTooLongOrNoneOrOneTooManyIsRefused() {
    assertThat(refused(() -> health(channel).check(of("x".repeat(20_000)))))
        .isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
    assertThat(refused(() -> health(channel).withCompression("gzip").check(of("x".repeat(20_000)))))
        .isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
    var several =
        HealthGrpc.getCheckMethod().toBuilder()
            .setType(io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
            .build();
    for (int count : new int[] {0, 2}) {
      var ended = new java.util.concurrent.CompletableFuture<Throwable>();
      var call =
          ClientCalls.asyncClientStreamingCall(
              channel.newCall(several, io.grpc.CallOptions.DEFAULT),
              new io.grpc.stub.StreamObserver<io.grpc.health.v1.HealthCheckResponse>() {
                @Override
                public void onNext(io.grpc.health.v1.HealthCheckResponse value) {}

                @Override
                public void onError(Throwable failure) {
                  ended.complete(failure);
                }

                @Override
                public void onCompleted() {
                  ended.complete(new IllegalStateException("answered"));
                }
              });
      for (int i = 0; i < count; i++) {
        call.onNext(of(""));
      }
      call.onCompleted();
      assertThat(ended.orTimeout(20, TimeUnit.SECONDS).join())
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              failure ->
                  assertThat(GrpcErrors.fromException(failure).code())
                      .isEqualTo(ErrorCode.INVALID_ARGUMENT));
    }
  }
}
