package dev.millrace.protocol.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.control.Profile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SnapshotFollowerTest {
  private final BlockingQueue<Object> answers = new LinkedBlockingQueue<>();
  private final BlockingQueue<Snapshot> taken = new LinkedBlockingQueue<>();
  private final BlockingQueue<Exception> failures = new LinkedBlockingQueue<>();

  private final SnapshotFollower.Listener listener =
      new SnapshotFollower.Listener() {
        @Override
        public void onSnapshot(Snapshot snapshot) {
          taken.add(snapshot);
        }

        @Override
        public void onFailure(Exception failure, int failuresInARow) {
          failures.add(failure);
        }
      };

  @Test
  void publishesEachNewSnapshotInOrder() throws Exception {
    try (var follower = follower(null)) {
      answers.add(snapshot(1, "a"));
      answers.add(snapshot(2, "a"));

      assertThat(next(taken).number()).isEqualTo(1);
      assertThat(next(taken).number()).isEqualTo(2);
      assertThat(follower.connected()).isTrue();
    }
  }

  @Test
  void ignoresAnOlderNumberOfTheSameEpochAndTakesAnotherEpoch() throws Exception {
    try (var follower = follower(null)) {
      answers.add(snapshot(5, "a"));
      answers.add(snapshot(4, "a"));
      answers.add(snapshot(1, "b"));

      assertThat(next(taken)).isEqualTo(snapshot(5, "a"));
      assertThat(next(taken)).isEqualTo(snapshot(1, "b"));
    }
  }

  @Test
  void goesOnAfterTheRegistryWasAway() throws Exception {
    try (var follower = follower(null)) {
      answers.add(new IOException("connection refused"));
      answers.add(snapshot(1, "a"));

      assertThat(next(failures)).hasMessage("connection refused");
      assertThat(next(taken).number()).isEqualTo(1);
    }
  }

  @Test
  void startsFromTheDiskWhileTheRegistryIsDown(@TempDir Path folder) throws Exception {
    var file = folder.resolve("state").resolve("snapshot.json");
    try (var follower = follower(file)) {
      answers.add(snapshot(7, "a"));
      next(taken);
      // The next poll starts after the file was written.
      answers.add(snapshot(7, "a"));
      answers.add(new IOException("gone"));
      next(failures);
    }

    try (var restarted = follower(file)) {
      assertThat(next(taken)).isEqualTo(snapshot(7, "a"));
      assertThat(restarted.current().number()).isEqualTo(7);
    }
  }

  @Test
  void ignoresADamagedFile(@TempDir Path folder) throws Exception {
    var file = Files.writeString(folder.resolve("snapshot.json"), "{\"number\":");
    try (var follower = follower(file)) {
      answers.add(snapshot(1, "a"));

      assertThat(next(failures)).isInstanceOf(IOException.class);
      assertThat(next(taken).number()).isEqualTo(1);
    }
  }

  @Test
  void asksAgainForASnapshotThatTheListenerRefused() throws Exception {
    var refusals = new LinkedBlockingQueue<Snapshot>();
    SnapshotFollower.Listener refusesOnce =
        snapshot -> {
          if (refusals.isEmpty()) {
            refusals.add(snapshot);
            throw new IllegalStateException("not now");
          }
          taken.add(snapshot);
        };
    try (var follower =
        new SnapshotFollower(link(), RegistryLink.Audience.GATEWAY, refusesOnce, null)) {
      follower.start();
      answers.add(snapshot(1, "a"));
      answers.add(snapshot(1, "a"));

      assertThat(next(taken).number()).isEqualTo(1);
      assertThat(refusals).hasSize(1);
    }
  }

  private SnapshotFollower follower(Path file) {
    var follower = new SnapshotFollower(link(), RegistryLink.Audience.GATEWAY, listener, file);
    follower.start();
    return follower;
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    var value = queue.poll(10, TimeUnit.SECONDS);
    assertThat(value).isNotNull();
    return value;
  }

  private static Snapshot snapshot(long number, String epoch) {
    return new Snapshot(number, epoch, List.of(), List.of(), List.of(), List.of(), List.of());
  }

  private RegistryLink link() {
    return new RegistryLink() {
      @Override
      public Optional<Snapshot> snapshot(long after, String epoch, Audience to, Duration wait)
          throws IOException, InterruptedException {
        var answer = answers.take();
        if (answer instanceof IOException failure) {
          throw failure;
        }
        return Optional.of((Snapshot) answer);
      }

      @Override
      public void report(MemberReport member) {}

      @Override
      public void leave(String memberId) {}

      @Override
      public void admission(AdmissionReport verdict) {}

      @Override
      public void profile(Profile measured) {}

      @Override
      public RepositoryChange.Made repository(RepositoryChange change) {
        throw new UnsupportedOperationException();
      }

      @Override
      public InputStream openArtifact(String digest) {
        throw new UnsupportedOperationException();
      }
    };
  }
}
