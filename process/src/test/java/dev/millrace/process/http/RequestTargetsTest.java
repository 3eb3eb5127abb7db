package dev.millrace.process.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.error.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/v2/models/a-b_c.d/versions/1/infer",
        "/v2/models/caf%C3%A9?x=%20&y[]=1",
        "/v2?a=b",
        "/api/v1/models/m/versions:import",
        "//v2",
        "http://localhost:8080/v2"
      })
  void urisWithAPathAreTaken(String target) {
    assertThat(RequestTargets.refusal(target)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/models/x?x=%zz,at index 15",
    "/v2/%zz,at index 4",
    "/v2/{m},at index 4",
    "[,at index 0",
    "*,'/'",
    "v2,'/'",
    "mailto:a,'/'"
  })
  void othersAreRefusedAndThePlaceIsNamed(String target, String place) {
    assertThat(RequestTargets.refusal(target))
        .hasValueSatisfying(
            refusal -> {
              assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
              assertThat(refusal.message()).contains("'" + target + "'", place);
            });
  }

  @Test
  void noTargetAtAllIsRefused() {
    assertThat(RequestTargets.refusal(null)).isPresent();
    assertThat(RequestTargets.refusal("")).isPresent();
  }

  @Test
  void aLongOneIsShownInPart() {
    String message = RequestTargets.refusal("/%" + "z".repeat(10_000)).orElseThrow().message();
    assertThat(message).hasSizeLessThan(400);
  }
}
