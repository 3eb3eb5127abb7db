package dev.millrace.runtime.server.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.Profile.Finding;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.runtime.batching.LatencyProfile;
import dev.millrace.runtime.server.config.BatchingOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JoinPlanTest {
  private static final List<Dimension> TEXT =
      List.of(Dimension.symbolic("batch"), Dimension.symbolic("sequence"));
  private static final Signature SIGNATURE =
      new Signature(
          List.of(
              new TensorSignature("input_ids", DataType.INT64, TEXT, 0),
              new TensorSignature("attention_mask", DataType.INT64, TEXT, 0)),
          List.of(new TensorSignature("hidden", DataType.FP32, TEXT, 0)));

  @Test
  void joinsAndPadsWhatWasShownToKeepItsResults() throws Exception {
    var plan = plan(ServingSpec.DEFAULT, profile(Finding.YES, Finding.YES));

    assertThat(plan.maxBatch()).isEqualTo(32);
    assertThat(plan.padding()).isNotNull();
    assertThat(plan.seed().points())
        .containsExactly(
            new LatencyProfile.Point(1, 16, Duration.ofMillis(3)),
            new LatencyProfile.Point(8, 16, Duration.ofMillis(14)));
    assertThat(plan.options(serving(ServingSpec.DEFAULT), 1).sizing().paddingWaste())
        .isEqualTo(1.15);
  }

  @Test
  void keepsApartWhatWasShownToChangeItsResults() throws Exception {
    var neither = plan(ServingSpec.DEFAULT, profile(Finding.NO, Finding.YES));
    assertThat(neither.maxBatch()).isEqualTo(1);
    assertThat(neither.padding()).isNull();

    var equalLengths = plan(ServingSpec.DEFAULT, profile(Finding.YES, Finding.NO));
    assertThat(equalLengths.maxBatch()).isEqualTo(32);
    assertThat(equalLengths.padding()).isNull();
    assertThat(equalLengths.seed().points()).as("lengths are not told apart").isEmpty();
    assertThat(equalLengths.options(serving(ServingSpec.DEFAULT), 1).sizing().paddingWaste())
        .isEqualTo(1);
  }

  @Test
  void theOwnersWordGoesFirst() throws Exception {
    var anyway = spec(4, "always");
    assertThat(plan(anyway, profile(Finding.NO, Finding.NO)).maxBatch()).isEqualTo(4);
    assertThat(plan(anyway, profile(Finding.NO, Finding.NO)).padding()).isNotNull();

    var never = spec(null, "never");
    assertThat(plan(never, profile(Finding.YES, Finding.YES)).padding()).isNull();
  }

  @Test
  void whatNobodyHasMeasuredIsJoinedButNotPadded() throws Exception {
    var plan = plan(ServingSpec.DEFAULT, null);

    assertThat(plan.maxBatch()).isEqualTo(32);
    assertThat(plan.padding()).isNull();
    assertThat(plan.seed()).isEqualTo(LatencyProfile.UNKNOWN);
  }

  @Test
  void whatWasMeasuredWithOtherOptionsCountsAsFarAsTheyCannotChangeIt() throws Exception {
    var profile = profile(Finding.YES, Finding.YES);

    var otherThreads = plan(engine(Map.of("intra_op_threads", "2")), profile);
    assertThat(otherThreads.maxBatch()).isEqualTo(32);
    assertThat(otherThreads.padding()).isNotNull();
    assertThat(otherThreads.seed()).as("other times").isEqualTo(LatencyProfile.UNKNOWN);

    var otherKernels = plan(engine(Map.of("optimization_level", "basic")), profile);
    assertThat(otherKernels.maxBatch()).isEqualTo(1);
    assertThat(otherKernels.padding()).isNull();
    assertThat(otherKernels.seed()).isEqualTo(LatencyProfile.UNKNOWN);
  }

  @Test
  void aShareOfCallsLeavesRoomForSlowExecutions() throws Exception {
    var profile = profile(Finding.YES, Finding.YES);

    assertThat(plannedSlo(null, profile)).isEqualTo(Duration.ofMillis(100));
    assertThat(plannedSlo(0.5, profile)).isEqualTo(Duration.ofMillis(100));
    // The median cell: 14 ms usually, 15 ms at the 99th percentile.
    assertThat(plannedSlo(0.99, profile).toNanos())
        .isEqualTo(Math.round(100_000_000 * 14_000.0 / 15_000));
  }

  private static Duration plannedSlo(Double attainment, Profile profile) throws Exception {
    var spec =
        new ServingSpec(
            null,
            null,
            null,
            null,
            null,
            null,
            new ServingSpec.Slo("100ms", attainment),
            null,
            null,
            null,
            null,
            null,
            null);
    var plan = JoinPlan.of(serving(spec), SIGNATURE, ModelManifest.EMPTY, Optional.of(profile));
    return plan.options(serving(spec), 1).sizing().slo();
  }

  private static ServingSpec engine(Map<String, String> options) {
    return new ServingSpec(null, null, null, null, null, options);
  }

  @Test
  void aModelWithoutABatchAxisIsNeverJoined() throws Exception {
    var fixed =
        new Signature(
            List.of(new TensorSignature("x", DataType.FP32, List.of(Dimension.fixed(1)), null)),
            List.of(new TensorSignature("y", DataType.FP32, List.of(Dimension.fixed(1)), null)));

    var plan =
        JoinPlan.of(serving(ServingSpec.DEFAULT), fixed, ModelManifest.EMPTY, Optional.empty());

    assertThat(plan.maxBatch()).isEqualTo(1);
  }

  private static ServingSpec spec(Integer maxBatch, String padding) {
    return new ServingSpec(
        null, maxBatch, null, null, null, null, null, padding, null, null, null, null, null);
  }

  private static JoinPlan plan(ServingSpec spec, Profile profile) throws Exception {
    return JoinPlan.of(serving(spec), SIGNATURE, ModelManifest.EMPTY, Optional.ofNullable(profile));
  }

  private static ServingOptions serving(ServingSpec spec) {
    int maxBatch = spec.maxBatch() == null ? 32 : spec.maxBatch();
    return new ServingOptions(
        Duration.ofSeconds(30),
        new BatchingOptions(maxBatch, 512, Duration.ZERO),
        spec.engine() == null ? Map.of() : spec.engine(),
        null,
        false,
        SchedulingOptions.of(spec),
        Map.of(),
        spec.slo() == null ? null : spec.slo().attainment(),
        false);
  }

  private static Profile profile(Finding batching, Finding padding) {
    return new Profile(
        "sha256:ab",
        "cpu",
        Instant.EPOCH,
        "1.28.0",
        new Profile.Footprint(1, 2, 3),
        "sequence",
        List.of(
            new Profile.Latency(1, 16, 3_000, 4_000, 7),
            new Profile.Latency(8, 16, 14_000, 15_000, 7)),
        new Profile.Invariance(batching, 0, null),
        new Profile.Invariance(padding, 0, null),
        Finding.YES,
        new Profile.Recommendation(8, 1, 1));
  }
}
