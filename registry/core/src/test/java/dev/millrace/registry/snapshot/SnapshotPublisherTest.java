package dev.millrace.registry.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.internal.RegistryLink.Audience;
import dev.millrace.protocol.internal.Snapshot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SnapshotPublisherTest {
  private final AtomicLong nanos = new AtomicLong();
  private final SnapshotPublisher publisher =
      new SnapshotPublisher(Duration.ofSeconds(5), nanos::get);

  @Test
  void answersAtOnceWhenThereIsNews() throws Exception {
    publisher.publish(snapshot(4));

    assertThat(now(0, "")).map(Snapshot::number).contains(4L);
    assertThat(now(4, "e")).isEmpty();
    assertThat(now(9, "another registry")).map(Snapshot::number).contains(4L);
  }

  @Test
  void wakesWhoeverWaits() throws Exception {
    publisher.publish(snapshot(4));
    var waiting =
        new FutureTask<>(() -> publisher.await(4, "e", Audience.RUNTIME, Duration.ofSeconds(60)));
    Thread.ofVirtual().start(waiting);

    publisher.publish(snapshot(5));

    assertThat(waiting.get().orElseThrow().number()).isEqualTo(5);
  }

  @Test
  void afterARestartMembersMayReportBeforeOldFollowersGetTheNext() throws Exception {
    publisher.publish(snapshot(8));

    assertThat(now(7, "e")).isEmpty();
    assertThat(now(0, "")).isPresent();
    nanos.addAndGet(Duration.ofSeconds(5).toNanos());
    assertThat(now(7, "e")).map(Snapshot::number).contains(8L);
  }

  @Test
  void letsEverybodyGoWhenTheProcessEnds() throws Exception {
    publisher.publish(snapshot(4));
    var waiting =
        new FutureTask<>(() -> publisher.await(4, "e", Audience.RUNTIME, Duration.ofSeconds(60)));
    Thread.ofVirtual().start(waiting);

    publisher.close();

    assertThat(waiting.get()).isEmpty();
  }

  private Optional<Snapshot> now(long after, String epoch) throws InterruptedException {
    return publisher.await(after, epoch, Audience.GATEWAY, Duration.ZERO);
  }

  private static Snapshot snapshot(long number) {
    return new Snapshot(number, "e", List.of(), List.of(), List.of(), List.of(), List.of());
  }
}
