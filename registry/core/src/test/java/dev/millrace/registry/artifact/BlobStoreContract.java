package dev.millrace.registry.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link BlobStore} keeps. An implementation's test extends this with two methods. */
public abstract class BlobStoreContract {
  private static final String ABC =
      "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  private BlobStore blobs;

  /** A store that nothing was written to. */
  protected abstract BlobStore emptyStore() throws Exception;

  /** Another process's view of the store that {@link #emptyStore} returned last. */
  protected abstract BlobStore sameStoreAgain() throws Exception;

  @BeforeEach
  void open() throws Exception {
    blobs = emptyStore();
  }

  @Test
  void returnsWhatWasCommitted() throws Exception {
    assertThat(put("abc")).isEqualTo(ABC);

    try (var content = sameStoreAgain().open(ABC)) {
      assertThat(new String(content.readAllBytes(), UTF_8)).isEqualTo("abc");
    }
    assertThat(blobs.size(ABC)).hasValue(3);
    assertThat(blobs.digests()).containsExactly(ABC);
  }

  @Test
  void showsNothingBeforeTheCommit() throws Exception {
    try (var staged = blobs.stage()) {
      staged.writeAll(new ByteArrayInputStream("abc".getBytes(UTF_8)));

      assertThat(staged.digest()).isEqualTo(ABC);
      assertThat(staged.size()).isEqualTo(3);
      try (var content = staged.open()) {
        assertThat(content.readAllBytes()).asString(UTF_8).isEqualTo("abc");
      }
      assertThat(blobs.size(ABC)).isEmpty();
      assertThat(blobs.digests()).isEmpty();
    }
    assertThat(blobs.sweepStaged()).isZero();
    assertThatThrownBy(() -> blobs.open(ABC)).isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void sweepsWhatACrashLeftBehind() throws Exception {
    var abandoned = blobs.stage();
    abandoned.write("half".getBytes(UTF_8), 0, 4);
    put("abc");

    var restarted = sameStoreAgain();
    assertThat(restarted.sweepStaged()).isEqualTo(1);
    assertThat(restarted.sweepStaged()).isZero();
    assertThat(restarted.digests()).containsExactly(ABC);
  }

  @Test
  void keepsEqualContentOnce() throws Exception {
    put("abc");
    put("abc");

    assertThat(blobs.digests()).containsExactly(ABC);
  }

  @Test
  void deletes() throws Exception {
    put("abc");

    assertThat(blobs.delete(ABC)).isTrue();
    assertThat(blobs.delete(ABC)).isFalse();
    assertThat(blobs.size(ABC)).isEmpty();
  }

  @Test
  void refusesDigestsThatAreNone() throws Exception {
    for (var hostile : new String[] {"", "abc", "sha256:../../etc/passwd", "sha256:ABC"}) {
      assertThatThrownBy(() -> blobs.open(hostile)).isInstanceOf(FileNotFoundException.class);
      assertThat(blobs.size(hostile)).isEmpty();
      assertThat(blobs.delete(hostile)).isFalse();
    }
  }

  @Test
  void carriesMoreThanOneBuffer() throws Exception {
    var bytes = new byte[1_000_003];
    new Random(42).nextBytes(bytes);
    String digest;
    try (var staged = blobs.stage()) {
      staged.writeAll(new ByteArrayInputStream(bytes));
      digest = staged.commit();
    }
    try (var content = blobs.open(digest)) {
      assertThat(content.readAllBytes()).isEqualTo(bytes);
    }
  }

  private String put(String text) throws Exception {
    try (var staged = blobs.stage()) {
      staged.write(text.getBytes(UTF_8), 0, text.length());
      return staged.commit();
    }
  }
}
