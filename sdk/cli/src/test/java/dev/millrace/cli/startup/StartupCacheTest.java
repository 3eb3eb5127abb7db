package dev.millrace.cli.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartupCacheTest {
  private static final Instant BUILT = Instant.parse("2026-01-01T10:00:00Z");

  @TempDir Path home;

  private StartupCache cache;

  @BeforeEach
  void build() throws Exception {
    cache = StartupCache.of(home);
    touch(cache.serverJar(), BUILT);
  }

  @Test
  void aCacheYoungerThanTheBuildIsUsed() throws Exception {
    touch(cache.archive(), BUILT.plusSeconds(30));

    assertThat(cache.arguments())
        .contains(
            "-XX:AOTCache=" + home.resolve("standalone/target/startup/platform.aot"),
            "-Donnxruntime.native.path=" + home.resolve("standalone/target/startup/natives"));
  }

  @Test
  void aCacheOfAnOlderBuildIsNot() throws Exception {
    touch(cache.archive(), BUILT.minusSeconds(30));

    assertThat(cache.arguments()).isEmpty();
  }

  @Test
  void withoutACacheThePlatformStartsAsEver() {
    assertThat(cache.arguments()).isEmpty();
  }

  private static void touch(Path file, Instant time) throws Exception {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "x");
    Files.setLastModifiedTime(file, FileTime.from(time));
  }
}
