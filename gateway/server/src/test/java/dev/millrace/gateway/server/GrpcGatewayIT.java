package dev.millrace.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelMetadataRequest;
import dev.millrace.protocol.grpc.ModelReadyRequest;
import dev.millrace.protocol.grpc.ModelStatistics;
import dev.millrace.protocol.grpc.ModelStatisticsRequest;
import dev.millrace.protocol.grpc.ServerLiveRequest;
import dev.millrace.protocol.grpc.ServerMetadataRequest;
import dev.millrace.protocol.grpc.ServerReadyRequest;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(FakeAddress.class)
class GrpcGatewayIT {
  private static final Metadata.Key<String> AUTHORIZATION = ascii("authorization");

  @TestHTTPResource("/")
  URI base;

  private ManagedChannel channel;
  private GRPCInferenceServiceBlockingStub anybody;
  private GRPCInferenceServiceBlockingStub admin;
  private final FakeRuntime runtime = FakeRuntime.instance();

  @BeforeEach
  void connect() {
    channel =
        ManagedChannelBuilder.forAddress(base.getHost(), base.getPort())
            .usePlaintext()
            .maxInboundMessageSize(64 << 20)
            .build();
    anybody =
        GRPCInferenceServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    admin = as(Keys.ADMIN);
    await().until(() -> anybody.serverReady(ServerReadyRequest.getDefaultInstance()).getReady());
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
  }

  private static Metadata.Key<String> ascii(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private GRPCInferenceServiceBlockingStub as(String key) {
    var metadata = new Metadata();
    metadata.put(AUTHORIZATION, "Bearer " + key);
    metadata.put(ascii("millrace-internal-target"), "forged/model/9");
    metadata.put(ascii("millrace-internal-project"), "forged");
    return anybody.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  private static ModelInferRequest request(String model) {
    return ModelInferRequest.newBuilder().setModelName(model).setId("42").build();
  }

  private static StatusRuntimeException failure(Runnable call) {
    return catchThrowableOfType(StatusRuntimeException.class, call::run);
  }

  private static MillraceException known(Runnable call) {
    return GrpcErrors.fromException(failure(call));
  }

  @Test
  void answersHealthToAnybody() {
    assertThat(anybody.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    assertThat(admin.serverMetadata(ServerMetadataRequest.getDefaultInstance()).getName())
        .isEqualTo("millrace");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100_000, 1_900_000})
  void passesMessagesThrough(int size) {
    var bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    var sent = request("echo").toBuilder().addRawInputContents(ByteString.copyFrom(bytes)).build();

    var answer = admin.modelInfer(sent);

    assertThat(answer.getId()).isEqualTo("42");
    assertThat(answer.getRawOutputContents(0)).isEqualTo(sent.getRawInputContents(0));
    var metadata = runtime.lastMetadata.get();
    assertThat(metadata.getAll(ascii("millrace-internal-target")))
        .containsExactly("default/echo/1");
    assertThat(metadata.get(ascii("millrace-internal-token"))).isEqualTo("cluster-secret");
    assertThat(metadata.getAll(ascii("millrace-internal-project"))).containsExactly("default");
    assertThat(metadata.containsKey(AUTHORIZATION)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"2", "champion"})
  void acceptsAVersionAndAnAlias(String version) {
    admin.modelInfer(request("echo").toBuilder().setModelVersion(version).build());
    assertThat(runtime.lastMetadata.get().get(ascii("millrace-internal-target")))
        .isEqualTo(version.equals("2") ? "default/echo/2" : "default/echo/1");
  }

  @Test
  void findsTheNameInACompressedMessage() {
    var large =
        request("echo").toBuilder().addRawInputContents(ByteString.copyFrom(new byte[90_000]));
    var answer = admin.withCompression("gzip").modelInfer(large.build());
    assertThat(answer.getRawOutputContents(0).size()).isEqualTo(90_000);
  }

  @Test
  void passesAReplicasFailureOnWithItsDetails() {
    var failure = known(() -> admin.modelInfer(request("broken")));
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(failure.message()).isEqualTo("input 'x': größer");
    assertThat(failure.details()).containsEntry("input", "x");
  }

  @Test
  void failsItselfWithDetails() {
    assertThat(known(() -> admin.modelInfer(request("nobody"))).code())
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(known(() -> anybody.modelInfer(request("echo"))).code())
        .isEqualTo(ErrorCode.UNAUTHENTICATED);
    assertThat(known(() -> as(Keys.VIEWER).modelInfer(request("echo"))).code())
        .isEqualTo(ErrorCode.PERMISSION_DENIED);
    assertThat(known(() -> admin.modelInfer(ModelInferRequest.getDefaultInstance())).code())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    var notReady = known(() -> admin.modelInfer(request("loading")));
    assertThat(notReady.code()).isEqualTo(ErrorCode.MODEL_NOT_READY);
    assertThat(notReady.retryAfter()).isPresent();
    assertThat(known(() -> admin.modelInfer(request("gone"))).code())
        .isEqualTo(ErrorCode.OVERLOADED);
  }

  @Test
  void refusesALargeMessage() {
    var large =
        request("echo").toBuilder().addRawInputContents(ByteString.copyFrom(new byte[3 << 20]));
    assertThat(known(() -> admin.modelInfer(large.build())).code())
        .isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
  }

  @Test
  void collectsStatisticsFromTheReplicasThatAnswer() {
    var flaky = ModelStatisticsRequest.newBuilder().setName("flaky").build();
    for (var caller : List.of(admin, as(Keys.VIEWER), admin.withCompression("gzip"))) {
      var found = caller.modelStatistics(flaky).getModelStatsList();
      assertThat(found).hasSize(1);
      assertThat(found.getFirst().getName()).isEqualTo("flaky");
      assertThat(found.getFirst().getInferenceCount()).isEqualTo(3);
    }
    assertThat(runtime.lastMetadata.get().get(ascii("millrace-internal-target")))
        .isEqualTo("default/flaky/1");

    var gone = ModelStatisticsRequest.newBuilder().setName("gone").build();
    assertThat(known(() -> admin.modelStatistics(gone)).code()).isEqualTo(ErrorCode.OVERLOADED);
    var secret = ModelStatisticsRequest.newBuilder().setName("secret").build();
    assertThat(known(() -> admin.modelStatistics(secret)).code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(known(() -> anybody.modelStatistics(flaky)).code())
        .isEqualTo(ErrorCode.UNAUTHENTICATED);

    var all = admin.modelStatistics(ModelStatisticsRequest.getDefaultInstance());
    assertThat(all.getModelStatsList())
        .extracting(ModelStatistics::getName)
        .contains("broken", "echo", "flaky", "hang", "text")
        .doesNotContain("gone", "loading", "secret")
        .isSorted();
  }

  @Test
  void tellsReadinessAsAnAnswer() {
    assertThat(admin.modelReady(ModelReadyRequest.newBuilder().setName("echo").build()).getReady())
        .isTrue();
    assertThat(
            admin.modelReady(ModelReadyRequest.newBuilder().setName("loading").build()).getReady())
        .isFalse();
  }

  @Test
  void doesNotKnowOtherMethods() {
    var metadata = GRPCInferenceServiceGrpc.getModelMetadataMethod();
    var other = metadata.toBuilder().setFullMethodName("some.Other/Method").build();
    var failure =
        failure(
            () ->
                ClientCalls.blockingUnaryCall(
                    admin.getChannel(),
                    other,
                    CallOptions.DEFAULT,
                    ModelMetadataRequest.getDefaultInstance()));
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @Test
  void cancelsTheReplicasWorkWhenTheClientGoesAway() {
    int hanging = runtime.hanging.get();
    int cancelled = runtime.cancelled.get();
    var metadata = new Metadata();
    metadata.put(AUTHORIZATION, "Bearer " + Keys.ADMIN);
    var call =
        GRPCInferenceServiceGrpc.newFutureStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
            .modelInfer(request("hang"));
    await().until(() -> runtime.hanging.get() > hanging);
    call.cancel(true);
    await().until(() -> runtime.cancelled.get() > cancelled);
  }

  @Test
  void endsACallAtItsDeadline() {
    int cancelled = runtime.cancelled.get();
    var hasty = admin.withDeadlineAfter(300, TimeUnit.MILLISECONDS);
    assertThat(failure(() -> hasty.modelInfer(request("hang"))).getStatus().getCode())
        .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    await().until(() -> runtime.cancelled.get() > cancelled);
  }
}
