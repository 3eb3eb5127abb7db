package dev.millrace.runtime.server.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.control.Artifact;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactCacheTest {
  private static final byte[] CONTENT = "weights".repeat(100_000).getBytes(StandardCharsets.UTF_8);

  @TempDir Path root;

  @Test
  void fetchesOnceAndKeepsTheFile() throws Exception {
    var opened = new AtomicInteger();
    var cache = cache(CONTENT, opened);
    Path file = cache.fetch(artifact("model.onnx", CONTENT));

    assertThat(cache.fetch(artifact("model.onnx", CONTENT))).isEqualTo(file);
    assertThat(file).hasBinaryContent(CONTENT);
    assertThat(opened).hasValue(1);
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void manyCallersShareOneDownload() throws Exception {
    var opened = new AtomicInteger();
    var go = new CountDownLatch(1);
    var cache =
        new ArtifactCache(
            root,
            _ -> {
              go.await();
              opened.incrementAndGet();
              return new ByteArrayInputStream(CONTENT);
            });
    var callers =
        IntStream.range(0, 8)
            .mapToObj(
                _ ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          try {
                            return cache.fetch(artifact("m", CONTENT));
                          } catch (Exception failure) {
                            throw new IllegalStateException(failure);
                          }
                        },
                        task -> Thread.ofVirtual().start(task)))
            .toList();
    go.countDown();

    assertThat(callers.stream().map(CompletableFuture::join).distinct()).hasSize(1);
    assertThat(opened).hasValue(1);
  }

  @Test
  void refusesOtherContentOtherSizeAndBrokenStreams() throws Exception {
    byte[] flipped = CONTENT.clone();
    flipped[5] ^= 1;
    byte[] shorter = java.util.Arrays.copyOf(CONTENT, CONTENT.length - 1);
    byte[] longer = java.util.Arrays.copyOf(CONTENT, CONTENT.length + 1);

    for (byte[] wrong : List.of(flipped, shorter, longer)) {
      var cache = cache(wrong, new AtomicInteger());
      assertThatThrownBy(() -> cache.fetch(artifact("model.onnx", CONTENT)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("model.onnx");
    }
    assertThat(leftovers()).isEmpty();
    try (var files = Files.walk(root)) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @Test
  void materializesUnderTheVersionsOwnNames() throws Exception {
    var cache = cache(CONTENT, new AtomicInteger());
    List<Artifact> artifacts = List.of(artifact("model.onnx", CONTENT), artifact("b.bin", CONTENT));

    Path folder = cache.materialize(digest(new byte[1]), artifacts);

    assertThat(cache.materialize(digest(new byte[1]), artifacts)).isEqualTo(folder);
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("model.onnx", "b.bin");
    }
    assertThat(folder.resolve("b.bin")).hasBinaryContent(CONTENT);
  }

  @Test
  void refusesNamesAndDigestsThatArePaths() throws Exception {
    var cache = cache(CONTENT, new AtomicInteger());

    for (String name : List.of("../evil", "a/b", "/etc/passwd", ".hidden", "")) {
      assertThatThrownBy(() -> cache.materialize(digest(CONTENT), List.of(artifact(name, CONTENT))))
          .isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> cache.fetch(new Artifact("m", "sha256:../../x", 1)))
        .hasMessageContaining("expected: sha256");
  }

  @Test
  void theLongestUnusedVersionGivesWay() throws Exception {
    var opened = new AtomicInteger();
    var cache = bounded(opened);
    Path first = cache.materialize(digest("1"), List.of(artifact("m", content(1))));
    Path second = cache.materialize(digest("2"), List.of(artifact("m", content(2))));
    Files.setLastModifiedTime(first, java.nio.file.attribute.FileTime.fromMillis(2_000));
    Files.setLastModifiedTime(second, java.nio.file.attribute.FileTime.fromMillis(1_000));

    Path third = cache.materialize(digest("3"), List.of(artifact("m", content(3))));

    assertThat(first.resolve("m")).hasBinaryContent(content(1));
    assertThat(second).doesNotExist();
    assertThat(third.resolve("m")).hasBinaryContent(content(3));
    assertThat(cache.materialize(digest("2"), List.of(artifact("m", content(2)))).resolve("m"))
        .hasBinaryContent(content(2));
    assertThat(opened).hasValue(4);
  }

  @Test
  void whatIsKeptStaysAndSharedArtifactsStayWithIt() throws Exception {
    var opened = new AtomicInteger();
    var cache = bounded(opened);
    cache.keep(java.util.Set.of(digest("1")));
    Path kept = cache.materialize(digest("1"), List.of(artifact("m", content(1))));
    Path shared =
        cache.materialize(
            digest("2"), List.of(artifact("same", content(1)), artifact("m", content(2))));

    cache.materialize(digest("3"), List.of(artifact("m", content(3))));

    assertThat(kept.resolve("m")).hasBinaryContent(content(1));
    assertThat(shared).doesNotExist();
    cache.fetch(artifact("m", content(1)));
    assertThat(opened).hasValue(3);
  }

  @Test
  void withoutHardLinksVersionsHaveTheirOwnCopiesAndTheBoundHolds() throws Exception {
    var opened = new AtomicInteger();
    var cache = bounded(opened, FileLinking::copy);
    Path first = cache.materialize(digest("1"), List.of(artifact("m", content(1))));
    Path second = cache.materialize(digest("2"), List.of(artifact("m", content(2))));
    assertThat(bytesHeld()).isEqualTo(2_000);

    cache.materialize(digest("1"), List.of(artifact("m", content(1))));
    assertThat(opened).as("what is in the folder is not fetched again").hasValue(2);

    Files.setLastModifiedTime(first, java.nio.file.attribute.FileTime.fromMillis(2_000));
    Files.setLastModifiedTime(second, java.nio.file.attribute.FileTime.fromMillis(1_000));
    Path third = cache.materialize(digest("3"), List.of(artifact("m", content(3))));
    assertThat(first.resolve("m")).hasBinaryContent(content(1));
    assertThat(second).doesNotExist();
    assertThat(third.resolve("m")).hasBinaryContent(content(3));
    assertThat(bytesHeld()).isEqualTo(2_000);
  }

  private long bytesHeld() throws IOException {
    try (var files = Files.walk(root)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private ArtifactCache bounded(AtomicInteger opened) throws Exception {
    return bounded(opened, FileLinking::hardOrCopy);
  }

  /** Room for two contents of 1,000 bytes. */
  private ArtifactCache bounded(AtomicInteger opened, FileLinking linking) throws Exception {
    var contents = new java.util.HashMap<String, byte[]>();
    for (int i = 1; i <= 3; i++) {
      contents.put(artifact("m", content(i)).digest(), content(i));
    }
    return new ArtifactCache(
        root,
        wanted -> {
          opened.incrementAndGet();
          return new ByteArrayInputStream(contents.get(wanted));
        },
        2_000,
        linking);
  }

  private static byte[] content(int number) {
    byte[] content = new byte[1_000];
    java.util.Arrays.fill(content, (byte) number);
    return content;
  }

  private static String digest(String digit) {
    return "sha256:" + digit.repeat(64);
  }

  private ArtifactCache cache(byte[] content, AtomicInteger opened) {
    return new ArtifactCache(
        root,
        _ -> {
          opened.incrementAndGet();
          return new ByteArrayInputStream(content);
        });
  }

  private List<Path> leftovers() throws IOException {
    try (var files = Files.list(root.resolve("tmp"))) {
      return files.toList();
    }
  }

  private static Artifact artifact(String name, byte[] content) throws Exception {
    return new Artifact(name, digest(content), content.length);
  }

  private static String digest(byte[] content) throws Exception {
    return "sha256:"
        + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }
}
