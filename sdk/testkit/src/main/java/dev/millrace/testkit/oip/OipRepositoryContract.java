package dev.millrace.testkit.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.grpc.ModelConfigRequest;
import dev.millrace.protocol.grpc.ModelReadyRequest;
import dev.millrace.protocol.grpc.ModelRepositoryParameter;
import dev.millrace.protocol.grpc.RepositoryIndexRequest;
import dev.millrace.protocol.grpc.RepositoryIndexResponse.ModelIndex;
import dev.millrace.protocol.grpc.RepositoryModelLoadRequest;
import dev.millrace.protocol.grpc.RepositoryModelUnloadRequest;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * Triton's {@code model_repository}: the index, loading and unloading by name. The endpoint is
 * unloaded now and then, so no other suite may use it; each test leaves it loaded.
 */
public interface OipRepositoryContract {
  /** Where the server is; a key that may deploy, and an endpoint that nobody else needs. */
  OipTarget repositoryTarget();

  /** A model with a version that has passed admission, and without an endpoint at first. */
  String unservedModel();

  private OipHttp http() {
    return new OipHttp(repositoryTarget());
  }

  private OipHttp.Answer load(String body) {
    return http().post("/v2/repository/models/" + repositoryTarget().endpoint() + "/load", body);
  }

  private OipHttp.Answer unload(String body) {
    return http().post("/v2/repository/models/" + repositoryTarget().endpoint() + "/unload", body);
  }

  private OipHttp.Answer infer() {
    return http()
        .infer(
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}");
  }

  /** What the index says of a model's first version over REST; empty when it says nothing. */
  private Optional<JsonNode> listed(String model, String body) {
    JsonNode index = http().post("/v2/repository/index", body).ok();
    assertThat(index.isArray()).isTrue();
    return StreamSupport.stream(index.spliterator(), false)
        .filter(each -> each.path("name").asText().equals(model))
        .filter(each -> each.path("version").asText().equals("1"))
        .findFirst();
  }

  private static void succeeded(OipHttp.Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
  }

  private boolean readyOverGrpc() {
    var request = ModelReadyRequest.newBuilder().setName(repositoryTarget().endpoint()).build();
    return OipGrpc.stub(repositoryTarget()).modelReady(request).getReady();
  }

  private void loadOverGrpc(Map<String, ModelRepositoryParameter> parameters) {
    var request =
        RepositoryModelLoadRequest.newBuilder()
            .setModelName(repositoryTarget().endpoint())
            .putAllParameters(parameters)
            .build();
    OipGrpc.stub(repositoryTarget()).repositoryModelLoad(request);
  }

  private void unloadOverGrpc() {
    var request =
        RepositoryModelUnloadRequest.newBuilder()
            .setModelName(repositoryTarget().endpoint())
            .putParameters(
                "unload_dependents",
                ModelRepositoryParameter.newBuilder().setBoolParam(true).build())
            .build();
    OipGrpc.stub(repositoryTarget()).repositoryModelUnload(request);
  }

  @Test
  default void theIndexIsTheSameOverRestAndGrpc() {
    String model = repositoryTarget().endpoint();
    JsonNode rest = listed(model, "").orElseThrow();
    assertThat(rest.path("state").asText()).isEqualTo("READY");
    assertThat(rest.path("reason").asText("?")).isEmpty();
    assertThat(listed(model, "{\"ready\":true}")).hasValue(rest);

    var request = RepositoryIndexRequest.newBuilder().setReady(true).build();
    var grpc = OipGrpc.stub(repositoryTarget()).repositoryIndex(request);
    assertThat(grpc.getModelsList())
        .contains(ModelIndex.newBuilder().setName(model).setVersion("1").setState("READY").build())
        .allMatch(each -> each.getState().equals("READY"));
  }

  @Test
  default void whatIsUnloadedAnswersNoCallUntilItIsLoaded() {
    String model = repositoryTarget().endpoint();
    succeeded(unload("{\"parameters\":{\"unload_dependents\":true}}"));
    try {
      assertThat(infer().error(ErrorCode.MODEL_NOT_READY))
          .contains("unloaded", "/v2/repository/models/" + model + "/load");
      assertThat(infer().header("Retry-After")).isNotEmpty();
      var ready = http().get(repositoryTarget().model("/ready"));
      assertThat(ready.status()).isEqualTo(400);
      assertThat(ready.json().path("ready").asBoolean(true)).isFalse();
      assertThat(ready.json().path("error").asText()).contains("unloaded");
      assertThat(readyOverGrpc()).isFalse();
      JsonNode listed = listed(model, "{\"ready\":false}").orElseThrow();
      assertThat(listed.path("state").asText()).isEqualTo("UNAVAILABLE");
      assertThat(listed.path("reason").asText()).isEqualTo("unloaded");
      assertThat(listed(model, "{\"ready\":true}")).isEmpty();
    } finally {
      succeeded(load("{}"));
    }
    infer().ok();
    assertThat(readyOverGrpc()).isTrue();
  }

  @Test
  default void unloadingAndLoadingOverGrpc() {
    unloadOverGrpc();
    try {
      assertThat(readyOverGrpc()).isFalse();
      infer().error(ErrorCode.MODEL_NOT_READY);
    } finally {
      loadOverGrpc(Map.of());
    }
    infer().ok();
  }

  @Test
  default void loadingOrUnloadingTwiceSucceeds() {
    succeeded(load(""));
    succeeded(load("{\"parameters\":{}}"));
    succeeded(unload(""));
    try {
      succeeded(unload("{}"));
    } finally {
      succeeded(load(""));
    }
    infer().ok();
  }

  @Test
  default void aConfigurationIsServedByWhatIsLoadedWithIt() {
    String config =
        "{\\\"max_batch_size\\\":5,"
            + "\\\"dynamic_batching\\\":{\\\"max_queue_delay_microseconds\\\":700}}";
    succeeded(load("{\"parameters\":{\"config\":\"" + config + "\"}}"));
    // A runtime that serves already takes it over a moment later.
    await()
        .untilAsserted(
            () -> {
              JsonNode served = http().get(repositoryTarget().model("/config")).ok();
              assertThat(served.path("max_batch_size").asInt()).isEqualTo(5);
              assertThat(served.at("/dynamic_batching/max_queue_delay_microseconds").asInt())
                  .isEqualTo(700);
            });
    infer().ok();
  }

  @Test
  default void whatALoadDoesNotKnowIsRefusedByName() {
    String config = "{\"parameters\":{\"config\":\"{\\\"backend\\\":\\\"x\\\"}\"}}";
    assertThat(load(config).error(ErrorCode.INVALID_ARGUMENT)).contains("'backend'");
    assertThat(load("{\"parameters\":{\"config\":\"{\"}}").error(ErrorCode.INVALID_ARGUMENT))
        .contains("config is malformed JSON");
    assertThat(load("{\"parameters\":{\"speed\":1}}").error(ErrorCode.INVALID_ARGUMENT))
        .contains("'speed'");
    assertThat(load("{\"parameters\"").error(ErrorCode.INVALID_ARGUMENT))
        .contains("malformed JSON");
    String file = "{\"parameters\":{\"config\":\"{}\",\"file:1/model.onnx\":\"AAAA\"}}";
    assertThat(load(file).error(ErrorCode.NOT_IMPLEMENTED))
        .contains("POST /api/v1/models/MODEL/versions");
    var bytes = ModelRepositoryParameter.newBuilder().setInt64Param(1).build();
    assertThat(
            OipGrpc.refused(
                ErrorCode.INVALID_ARGUMENT, () -> loadOverGrpc(Map.of("config", bytes))))
        .contains("'config'");
    OipGrpc.refused(
        ErrorCode.NOT_IMPLEMENTED, () -> loadOverGrpc(Map.of("file:1/model.onnx", bytes)));
    infer().ok();
  }

  @Test
  default void unknownNamesAreNotFoundInTheRepository() {
    for (String verb : new String[] {"load", "unload"}) {
      http().post("/v2/repository/models/nobody/" + verb, "").error(ErrorCode.NOT_FOUND);
    }
    http().post("/v2/repository/elsewhere/index", "").error(ErrorCode.NOT_FOUND);
    var request = RepositoryModelLoadRequest.newBuilder().setModelName("nobody").build();
    OipGrpc.refused(
        ErrorCode.NOT_FOUND,
        () -> {
          OipGrpc.stub(repositoryTarget()).repositoryModelLoad(request);
        });
    assertThat(http().get("/v2/repository/index").error(ErrorCode.METHOD_NOT_ALLOWED))
        .contains("POST");
  }

  @Test
  default void aModelWithoutAnEndpointGetsOneWhenItIsLoaded() {
    succeeded(http().post("/v2/repository/models/" + unservedModel() + "/load", "{}"));
    http().get("/v2/models/" + unservedModel() + "/ready").ok();
    assertThat(listed(unservedModel(), "").orElseThrow().path("state").asText()).isEqualTo("READY");
  }

  @Test
  default void configurationsTellWhichVersionsAreServed() {
    var request = ModelConfigRequest.newBuilder().setName(repositoryTarget().endpoint()).build();
    var config = OipGrpc.stub(repositoryTarget()).modelConfig(request).getConfig();
    assertThat(config.getVersionPolicy().getSpecific().getVersionsList()).containsExactly(1L);
    assertThat(config.getDynamicBatching().getPreferredBatchSizeList())
        .hasSize(1)
        .allMatch(size -> size >= 1 && size <= config.getMaxBatchSize());
    JsonNode rest = http().get(repositoryTarget().model("/config")).ok();
    assertThat(rest.at("/version_policy/specific/versions").toString()).isEqualTo("[1]");
    assertThat(rest.at("/dynamic_batching/preferred_batch_size").size()).isEqualTo(1);
    assertThat(rest.at("/instance_group/0/kind").asText())
        .isEqualTo(config.getInstanceGroup(0).getKind().name());
  }

  @Test
  default void theRepositoryIsOffered() {
    assertThat(http().get("/v2").ok().path("extensions").toString())
        .contains("\"model_repository\"", "\"model_repository(unload_dependents)\"");
  }
}
