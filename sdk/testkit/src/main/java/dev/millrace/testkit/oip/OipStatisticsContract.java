package dev.millrace.testkit.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.grpc.ModelStatistics;
import dev.millrace.protocol.grpc.ModelStatisticsRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Triton's statistics: what is counted, and that every field is there. */
public interface OipStatisticsContract {
  /** Where the server is. */
  OipTarget target();

  private ModelStatistics statistics() {
    var request = ModelStatisticsRequest.newBuilder().setName(target().endpoint()).build();
    return OipGrpc.stub(target()).modelStatistics(request).getModelStats(0);
  }

  /** Two rows of values that say how many they are, rightly or not. */
  private OipHttp.Answer infer(int rows) {
    return new OipHttp(target())
        .infer(
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[%d,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4,5,6,7,8]}]}"
                .formatted(rows));
  }

  @Test
  default void grpcStatisticsCountCallsAndFailures() {
    var before = statistics();
    assertThat(before.getName()).isEqualTo(target().endpoint());
    assertThat(before.getVersion()).isEqualTo("1");
    infer(2).ok();
    infer(1).error(ErrorCode.INVALID_ARGUMENT);
    // An execution is counted after its answers have left.
    await().until(() -> statistics().getInferenceCount() >= before.getInferenceCount() + 2);
    var after = statistics();
    assertThat(after.getExecutionCount()).isGreaterThan(before.getExecutionCount());
    assertThat(after.getLastInference()).isGreaterThan(1_600_000_000_000L);
    var calls = after.getInferenceStats();
    assertThat(calls.getSuccess().getCount())
        .isGreaterThan(before.getInferenceStats().getSuccess().getCount());
    assertThat(calls.getSuccess().getNs())
        .isGreaterThan(before.getInferenceStats().getSuccess().getNs());
    assertThat(calls.getFail().getCount())
        .isGreaterThan(before.getInferenceStats().getFail().getCount());
    assertThat(calls.getQueue().getCount()).isEqualTo(calls.getSuccess().getCount());
    assertThat(calls.getComputeInfer().getNs()).isPositive();
    assertThat(after.getBatchStatsList()).isNotEmpty();
  }

  private JsonNode own(JsonNode statistics) {
    for (JsonNode each : statistics.path("model_stats")) {
      if (each.path("name").asText().equals(target().endpoint())) {
        return each;
      }
    }
    return statistics.path("model_stats").path(0);
  }

  @Test
  default void restStatisticsHaveEveryField() {
    for (String path :
        List.of(
            target().model("/stats"), target().model("/versions/1/stats"), "/v2/models/stats")) {
      JsonNode found = own(new OipHttp(target()).get(path).ok());
      assertThat(found.path("name").asText()).as(path).isEqualTo(target().endpoint());
      assertThat(found.path("version").asText()).isEqualTo("1");
      for (String field : List.of("last_inference", "inference_count", "execution_count")) {
        assertThat(found.path(field).isIntegralNumber()).as(field).isTrue();
      }
      for (String field :
          List.of(
              "success",
              "fail",
              "queue",
              "compute_input",
              "compute_infer",
              "compute_output",
              "cache_hit",
              "cache_miss")) {
        JsonNode span = found.path("inference_stats").path(field);
        assertThat(span.path("count").isIntegralNumber()).as(field).isTrue();
        assertThat(span.path("ns").isIntegralNumber()).as(field).isTrue();
      }
      assertThat(found.path("batch_stats").isArray()).isTrue();
      assertThat(found.path("memory_usage").isArray()).isTrue();
    }
  }

  @Test
  default void compressedRequestsForStatisticsAreRead() {
    var request = ModelStatisticsRequest.newBuilder().setName(target().endpoint()).build();
    var found = OipGrpc.stub(target()).withCompression("gzip").modelStatistics(request);
    assertThat(found.getModelStats(0).getName()).isEqualTo(target().endpoint());
  }

  @Test
  default void statisticsOfUnknownModelsAreNotFound() {
    new OipHttp(target()).get("/v2/models/nobody/stats").error(ErrorCode.NOT_FOUND);
    new OipHttp(target()).get(target().model("/versions/9/stats")).error(ErrorCode.NOT_FOUND);
    var request = ModelStatisticsRequest.newBuilder().setName("nobody").build();
    OipGrpc.refused(
        ErrorCode.NOT_FOUND,
        () -> {
          OipGrpc.stub(target()).modelStatistics(request);
        });
  }
}
