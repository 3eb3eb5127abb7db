package dev.millrace.runtime.server.oip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.runtime.server.oip.OipRoute.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OipRouteTest {
  @ParameterizedTest
  @CsvSource({
    "/v2, SERVER_METADATA, ''",
    "/v2/health/live, LIVE, ''",
    "/v2/health/ready, READY, ''",
    "/v2/models/m, MODEL_METADATA, m",
    "/v2/models/m/ready, MODEL_READY, m",
    "/v2/models/m/config, MODEL_CONFIG, m",
    "/v2/models/m/infer, INFER, m",
    "/v2/models/m/versions/3, MODEL_METADATA, m",
    "/v2/models/m/versions/champion/infer, INFER, m",
    "/v2/models/a%2Fb+c/infer, INFER, a/b+c",
    "/v1/embeddings, TEXT, ''",
    "/v1/rerank, TEXT, ''",
    "/openai/v1/classify, TEXT, ''",
    "/v1/tokenize, TEXT, ''",
    "/openai/v1/embeddings, TEXT, ''",
  })
  void knowsItsPaths(String path, Kind kind, String endpoint) {
    assertThat(OipRoute.parse(path)).contains(new OipRoute(kind, endpoint));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/v3",
        "/v2/models",
        "/v2/models/",
        "/v2/models/m/",
        "/v2/models/m/other",
        "/v2/models/m/versions",
        "/v2/models/m/versions//infer",
        "/v2/models/m/infer/more",
        "/v1/chat/completions"
      })
  void knowsNoOther(String path) {
    assertThat(OipRoute.parse(path)).isEmpty();
  }

  @Test
  void headCountsAsGet() {
    assertThat(Kind.LIVE.allows("HEAD")).isTrue();
    assertThat(Kind.INFER.allows("HEAD")).isFalse();
    assertThat(Kind.INFER.allows("GET")).isFalse();
  }
}
