package dev.millrace.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.millrace.protocol.grpc.ModelReadyRequest;
import dev.millrace.protocol.grpc.ModelRepositoryParameter;
import dev.millrace.protocol.grpc.RepositoryIndexRequest;
import dev.millrace.protocol.grpc.RepositoryModelLoadRequest;
import dev.millrace.protocol.grpc.RepositoryModelUnloadRequest;
import dev.millrace.protocol.grpc.ServerReadyRequest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(FakeAddress.class)
class RepositoryIT {
  private static final String INDEX = "/v2/repository/index";
  private static final String LOAD = "/v2/repository/models/sleeper/load";
  private static final String UNLOAD = "/v2/repository/models/sleeper/unload";

  @TestHTTPResource("/")
  URI base;

  @Inject FakeRegistry registry;

  private Data data;
  private ManagedChannel channel;
  private GRPCInferenceServiceBlockingStub anybody;

  @BeforeEach
  void connect() {
    data = new Data(base, HttpClient.Version.HTTP_1_1);
    channel =
        ManagedChannelBuilder.forAddress(base.getHost(), base.getPort()).usePlaintext().build();
    anybody =
        GRPCInferenceServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    await().until(() -> anybody.serverReady(ServerReadyRequest.getDefaultInstance()).getReady());
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
  }

  private GRPCInferenceServiceBlockingStub as(String key) {
    var metadata = new Metadata();
    metadata.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + key);
    return anybody.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  private static ErrorCode code(Runnable call) {
    return GrpcErrors.fromException(catchThrowableOfType(StatusRuntimeException.class, call::run))
        .code();
  }

  @Test
  void listsTheProjectsVersions() throws Exception {
    for (var body : List.of("", "{}", "{\"ready\":false}", "{\"ready\":null}")) {
      var all = data.post(Keys.VIEWER, INDEX, body);
      assertThat(all.statusCode()).as(all.body()).isEqualTo(200);
      assertThat(all.headers().firstValue("content-type")).hasValue("application/json");
      assertThat(all.body())
          .contains("{\"name\":\"echo\",\"version\":\"2\",\"state\":\"READY\",\"reason\":\"\"}")
          .contains("{\"name\":\"loading\",\"version\":\"1\",\"state\":\"UNAVAILABLE\"")
          .doesNotContain("secret");
    }
    assertThat(data.post(Keys.INVOKER, INDEX, "{\"ready\":true}").body())
        .contains("echo")
        .doesNotContain("UNAVAILABLE");
    assertThat(data.post(Keys.STRANGER, "/v2/repository/elsewhere/index", "").body())
        .contains("secret")
        .doesNotContain("echo");
    assertThat(data.post(Keys.STRANGER, "/v2/repository/default/index", "").statusCode())
        .isEqualTo(404);
    assertThat(data.get(Keys.VIEWER, INDEX).statusCode()).isEqualTo(405);
  }

  @Test
  void listsTheProjectsVersionsOverGrpc() {
    var all = as(Keys.VIEWER).repositoryIndex(RepositoryIndexRequest.getDefaultInstance());
    assertThat(all.getModelsList())
        .extracting(model -> model.getName() + ":" + model.getVersion() + ":" + model.getState())
        .contains("echo:1:READY", "echo:2:READY", "loading:1:UNAVAILABLE")
        .noneMatch(line -> line.startsWith("secret"));
    var ready = RepositoryIndexRequest.newBuilder().setReady(true).build();
    assertThat(as(Keys.VIEWER).withCompression("gzip").repositoryIndex(ready).getModelsList())
        .isNotEmpty()
        .allMatch(model -> model.getState().equals("READY") && model.getReason().isEmpty());
    assertThat(code(() -> anybody.repositoryIndex(ready))).isEqualTo(ErrorCode.UNAUTHENTICATED);
  }

  @Test
  void unloadingAndLoadingGoThroughTheRegistryAndAreSeenWhenTheyAreAnswered() throws Exception {
    var unloaded = data.post(Keys.ADMIN, UNLOAD, "{\"parameters\":{\"unload_dependents\":true}}");
    assertThat(unloaded.statusCode()).as(unloaded.body()).isEqualTo(200);
    assertThat(unloaded.body()).isEmpty();
    assertThat(registry.changes().getLast().by()).isEqualTo("admin");

    var refused = data.post(Keys.INVOKER, "/v2/models/sleeper/infer", "{}");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("retry-after")).hasValue("30");
    assertThat(refused.body()).contains("MODEL_NOT_READY", "was unloaded", "sleeper/load");
    var ready = data.get(Keys.INVOKER, "/v2/models/sleeper/ready");
    assertThat(ready.statusCode()).isEqualTo(400);
    assertThat(ControlJson.lenient().readTree(ready.body()).path("ready").isBoolean()).isTrue();
    assertThat(ready.body()).contains("\"ready\":false", "was unloaded");
    var byGrpc = ModelReadyRequest.newBuilder().setName("sleeper").build();
    assertThat(as(Keys.INVOKER).modelReady(byGrpc).getReady()).isFalse();
    assertThat(data.post(Keys.VIEWER, INDEX, "").body())
        .contains(
            "\"sleeper\",\"version\":\"1\",\"state\":\"UNAVAILABLE\",\"reason\":\"unloaded\"");

    var config = "{\"parameters\":{\"config\":\"{\\\"max_batch_size\\\":4}\"}}";
    var loaded = data.post(Keys.ADMIN, "/v2/repository/default/models/sleeper/load", config);
    assertThat(loaded.statusCode()).as(loaded.body()).isEqualTo(200);
    assertThat(loaded.body()).isEmpty();
    assertThat(registry.changes().getLast().config()).isEqualTo("{\"max_batch_size\":4}");
    assertThat(data.post(Keys.INVOKER, "/v2/models/sleeper/infer", "x").body()).isEqualTo("x");
  }

  @Test
  void unloadsAndLoadsOverGrpc() {
    var admin = as(Keys.ADMIN);
    var dependents = ModelRepositoryParameter.newBuilder().setBoolParam(true).build();
    var unload =
        RepositoryModelUnloadRequest.newBuilder()
            .setModelName("sleeper")
            .putParameters("unload_dependents", dependents)
            .build();
    admin.repositoryModelUnload(unload);
    var ready = ModelReadyRequest.newBuilder().setName("sleeper").build();
    assertThat(admin.modelReady(ready).getReady()).isFalse();

    var load = RepositoryModelLoadRequest.newBuilder().setModelName("sleeper");
    admin.repositoryModelLoad(load.build());
    assertThat(admin.modelReady(ready).getReady()).isTrue();

    var file = ModelRepositoryParameter.newBuilder().setStringParam("x").build();
    assertThat(
            code(
                () ->
                    admin.repositoryModelLoad(
                        load.clone().putParameters("file:1/model.onnx", file).build())))
        .isEqualTo(ErrorCode.NOT_IMPLEMENTED);
    assertThat(
            code(
                () ->
                    admin.repositoryModelLoad(
                        load.clone().putParameters("config", dependents).build())))
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(code(() -> admin.repositoryModelLoad(load.clone().setRepositoryName("x").build())))
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(code(() -> admin.repositoryModelLoad(load.clone().clearModelName().build())))
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(code(() -> as(Keys.INVOKER).repositoryModelLoad(load.build())))
        .isEqualTo(ErrorCode.PERMISSION_DENIED);
    assertThat(code(() -> as(Keys.INVOKER).repositoryModelUnload(unload)))
        .isEqualTo(ErrorCode.PERMISSION_DENIED);
  }

  @ParameterizedTest
  @ValueSource(strings = {Keys.VIEWER, Keys.INVOKER})
  void keysThatMayNotDeployMayNotLoad(String key) throws Exception {
    int before = registry.changes().size();
    for (var path : List.of(LOAD, UNLOAD)) {
      var refused = data.post(key, path, "{}");
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body()).contains("PERMISSION_DENIED", "deployer");
    }
    assertThat(registry.changes()).hasSize(before);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "index|[]|not an object",
        "index|{\"ready\":1}|'ready' is not true or false",
        "index|{\"ready\"|malformed JSON",
        "index|{} {}|malformed JSON",
        "index|{\"a\":1}|field 'a' is not known",
        "models/sleeper/load|{\"parameters\":[]}|'parameters' is not an object",
        "models/sleeper/load|{\"parameters\":{\"a\":1}}|parameter 'a' is not known",
        "models/sleeper/load|{\"parameters\":{\"config\":{}}}|'config' is not text",
        "models/sleeper/load|{\"config\":\"{}\"}|field 'config' is not known",
        "models/sleeper/unload|{\"parameters\":{\"unload_dependents\":1}}|'unload_dependents' is",
        "models/sleeper/unload|{\"parameters\":{\"config\":\"{}\"}}|parameter 'config' is not"
      })
  void namesWhatIsWrongWithABody(String path, String body, String sentence) throws Exception {
    int before = registry.changes().size();
    var refused = data.post(Keys.ADMIN, "/v2/repository/" + path, body);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("INVALID_ARGUMENT", sentence);
    assertThat(registry.changes()).hasSize(before);
  }

  @Test
  void filesAreUploadedElsewhere() throws Exception {
    var body = "{\"parameters\":{\"config\":\"{}\",\"file:1/model.onnx\":\"AAAA\"}}";
    var refused = data.post(Keys.ADMIN, LOAD, body);
    assertThat(refused.statusCode()).isEqualTo(501);
    assertThat(refused.body()).contains("file:1/model.onnx", "POST /api/v1/models/MODEL/versions");
    assertThat(data.post(Keys.ADMIN, LOAD, " ".repeat((1 << 20) + 1)).statusCode()).isEqualTo(413);
  }

  @Test
  void saysWhyAModelCannotBeLoaded() throws Exception {
    assertThat(data.post(Keys.ADMIN, "/v2/repository/models/nobody/load", "").statusCode())
        .isEqualTo(404);
    var rejected = data.post(Keys.ADMIN, "/v2/repository/models/bad/load", "");
    assertThat(rejected.statusCode()).isEqualTo(422);
    assertThat(rejected.body()).contains("MODEL_REJECTED", "is broken");
    var down = data.post(Keys.ADMIN, "/v2/repository/models/registry-is-down/load", "");
    assertThat(down.statusCode()).isEqualTo(503);
    assertThat(down.body()).contains("OVERLOADED", "the registry cannot be reached");
  }

  @Test
  void waitsForAReplicaAsLongAsTheCallerDoes() throws Exception {
    var late =
        data.send(
            data.as(Keys.ADMIN, "/v2/repository/models/loading/load")
                .header("millrace-timeout", "200")
                .POST(BodyPublishers.noBody()));
    assertThat(late.statusCode()).isEqualTo(503);
    assertThat(late.headers().firstValue("retry-after")).isPresent();
    assertThat(late.body())
        .contains("MODEL_NOT_READY", "'loading' was not ready in time", "\"retryable\":true");

    int before = registry.changes().size();
    var odd =
        data.send(
            data.as(Keys.ADMIN, LOAD)
                .header("millrace-timeout", "soon")
                .POST(BodyPublishers.noBody()));
    assertThat(odd.statusCode()).isEqualTo(400);
    assertThat(odd.body()).contains("millrace-timeout");
    assertThat(registry.changes()).hasSize(before);
  }
}
