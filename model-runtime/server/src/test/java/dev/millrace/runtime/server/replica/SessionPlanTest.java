package dev.millrace.runtime.server.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.runtime.engine.SessionSettings;
import dev.millrace.runtime.server.config.BatchingOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionPlanTest {
  private static final Profile FOUR_NARROW = profile(4, 1, 10L << 20);

  @Test
  void autoFollowsWhatWasMeasured() {
    SessionSettings settings = plan(null, Map.of(), FOUR_NARROW, true);

    assertThat(settings.instances()).isEqualTo(4);
    assertThat(settings.threads().intraOp()).isEqualTo(1);
    assertThat(plan(null, Map.of(), profile(1, 4, 1), true)).isEqualTo(SessionSettings.DEFAULT);
  }

  @Test
  void theOwnersWordGoesFirst() {
    assertThat(plan(2, Map.of(), FOUR_NARROW, true).instances()).isEqualTo(2);
    assertThat(plan(2, Map.of(), FOUR_NARROW, true).threads().intraOp()).isNull();
    assertThat(plan(null, Map.of("instance_group", "1"), FOUR_NARROW, true).instances())
        .isEqualTo(1);
    var threads = plan(null, Map.of("intraOpThreads", "3"), FOUR_NARROW, true);
    assertThat(threads.instances()).isEqualTo(1);
    assertThat(threads.threads().intraOp()).isEqualTo(3);
  }

  @Test
  void autoPaysNeitherForManyCopiesNorForThreadsThatAllSessionsShare() {
    assertThat(plan(null, Map.of(), profile(4, 1, 200L << 20), true).instances()).isEqualTo(1);
    assertThat(plan(null, Map.of(), FOUR_NARROW, false).instances()).isEqualTo(1);
  }

  @Test
  void anUnknownOptionIsAnError() {
    assertThatThrownBy(() -> plan(null, Map.of("instanses", "2"), FOUR_NARROW, true))
        .hasMessageContaining("option 'instanses': unknown (expected: 'instances'?");
  }

  private static SessionSettings plan(
      Integer instances, Map<String, String> engine, Profile profile, boolean ownThreads) {
    var spec =
        new ServingSpec(
            null, null, null, null, null, engine, null, null, null, null, null, null, instances);
    var serving =
        new ServingOptions(
            Duration.ofSeconds(30),
            new BatchingOptions(32, 512, Duration.ZERO),
            engine,
            null,
            SchedulingOptions.of(spec));
    return SessionPlan.of(serving, Optional.of(profile), ownThreads);
  }

  private static Profile profile(int instances, int threads, long residentBytes) {
    return new Profile(
        "sha256:ab",
        "cpu",
        Instant.EPOCH,
        "1.28.0",
        new Profile.Footprint(1, residentBytes, residentBytes),
        null,
        List.of(),
        new Profile.Invariance(Profile.Finding.YES, 0, null),
        Profile.Invariance.unknown("no length"),
        Profile.Finding.YES,
        new Profile.Recommendation(8, instances, threads));
  }
}
