package dev.millrace.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.routing.RequestTarget.Action;
import dev.millrace.gateway.routing.RequestTarget.GrpcCall;
import dev.millrace.gateway.routing.RequestTarget.GrpcMethod;
import dev.millrace.gateway.routing.RequestTarget.ModelCall;
import dev.millrace.gateway.routing.RequestTarget.Unknown;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {
  @Test
  void readsModelCalls() {
    assertThat(RequestTarget.parse("/v2/models/a/infer"))
        .isEqualTo(new ModelCall("a", null, Action.INFER));
    assertThat(RequestTarget.parse("/v2/models/a%20b/versions/champion/ready"))
        .isEqualTo(new ModelCall("a b", "champion", Action.READY));
    assertThat(RequestTarget.parse("/v2/models/versions/versions/3"))
        .isEqualTo(new ModelCall("versions", "3", Action.METADATA));
    assertThat(RequestTarget.parse("/v2/models/a+b/config"))
        .isEqualTo(new ModelCall("a+b", null, Action.CONFIG));
  }

  @Test
  void readsStatistics() {
    assertThat(RequestTarget.parse("/v2/models/stats"))
        .isEqualTo(new RequestTarget.Statistics(null, null));
    assertThat(RequestTarget.parse("/v2/models/a%20b/stats"))
        .isEqualTo(new RequestTarget.Statistics("a b", null));
    assertThat(RequestTarget.parse("/v2/models/a/versions/2/stats"))
        .isEqualTo(new RequestTarget.Statistics("a", "2"));
    assertThat(RequestTarget.parse("/v2/models/a/stats/x")).isEqualTo(new RequestTarget.Unknown());
  }

  @Test
  void readsTheRepository() {
    assertThat(RequestTarget.parse("/v2/repository/index"))
        .isEqualTo(new RequestTarget.RepositoryList(null));
    assertThat(RequestTarget.parse("/v2/repository/models/index"))
        .isEqualTo(new RequestTarget.RepositoryList("models"));
    assertThat(RequestTarget.parse("/v2/repository/models/a%20b/load"))
        .isEqualTo(new RequestTarget.RepositoryModel(null, "a b", true));
    assertThat(RequestTarget.parse("/v2/repository/p/models/a/unload"))
        .isEqualTo(new RequestTarget.RepositoryModel("p", "a", false));
    for (var other :
        new String[] {
          "",
          "/",
          "/index/x",
          "/models/a",
          "/models//load",
          "/models/a/x",
          "//models/a/load",
          "/p/modules/a/load",
          "/p/models/a/load/x",
          "/models/%zz/load"
        }) {
      assertThat(RequestTarget.parse("/v2/repository" + other)).as(other).isEqualTo(new Unknown());
    }
    assertThat(RequestTarget.parse("/v2/repository/index").methods()).containsExactly("POST");
    assertThat(RequestTarget.parse("/v2/repository/models/a/load").methods())
        .containsExactly("POST");
  }

  @Test
  void readsTheOtherDoors() {
    assertThat(RequestTarget.parse("/v2")).isEqualTo(new RequestTarget.ServerInfo());
    assertThat(RequestTarget.parse("/v2/health/live")).isEqualTo(new RequestTarget.Live());
    assertThat(RequestTarget.parse("/openai/v1/embeddings"))
        .isEqualTo(new RequestTarget.OpenAiCall("/v1/embeddings"));
    assertThat(RequestTarget.parse("/v1/models/x")).isEqualTo(new RequestTarget.OpenAiModels("x"));
    assertThat(RequestTarget.parse("/api/v1/keys/7")).isEqualTo(new RequestTarget.Control("keys"));
    assertThat(RequestTarget.parseGrpc("/inference.GRPCInferenceService/ModelInfer"))
        .isEqualTo(new GrpcCall(GrpcMethod.MODEL_INFER));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "/",
        "//api/v1",
        "/v2/models",
        "/v2/models/",
        "/v2/models//infer",
        "/v2/models/a/versions//infer",
        "/v2/models/a/infer/x",
        "/v2/models/%zz/infer",
        "/v2/health",
        "/v1",
        "/v1/chat/completions",
        "/v1/embeddings/x",
        "/api",
        "/api/v10",
        "/api/v1/../x",
        "/api/v1/%2E./x",
        "/api/v1/..;a=b/x",
        "/internal/v1/members"
      })
  void knowsNothingElse(String path) {
    assertThat(RequestTarget.parse(path)).isEqualTo(new Unknown());
  }
}
