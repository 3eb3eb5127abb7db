package dev.millrace.benchmarks.report;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One turn of the server under test and, right after it, of its baseline.
 *
 * @param value the figure of this round, in the result's unit; null when the round is void
 * @param baseline the baseline's figure; null when there is none or it is void
 * @param against what the baseline is; null when there is none
 * @param invalid true when the client could not hold the arrival rate: the round says nothing about
 *     the server. Written as {@code void}
 * @param offeredPerSecond arrival rate of an open loop; null in a closed one
 * @param server what the server under test did
 * @param baselineServer what the baseline did when it is a server
 * @param bareItemsPerSecond bare ONNX Runtime's rate by batch size, when that is the baseline
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Round(
    @Nullable Double value,
    @Nullable Double baseline,
    @Nullable String against,
    @JsonProperty("void") boolean invalid,
    @Nullable Double offeredPerSecond,
    Side server,
    @Nullable Side baselineServer,
    @Nullable Map<Integer, Double> bareItemsPerSecond) {

  /** This round's value over its baseline; null when either is missing. */
  @JsonIgnore
  @Nullable Double ratio() {
    return value == null || baseline == null || baseline == 0 ? null : value / baseline;
  }
}
