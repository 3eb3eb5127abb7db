package dev.millrace.cli.maven;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.maven.settings.building.SettingsBuildingException;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.supplier.RepositorySystemSupplier;

/**
 * Fetches jars by their coordinates as Maven would for this user, and files out of them. What Maven
 * has fetched before is used without a connection. Thread-safe.
 */
public final class MavenArtifactSource {
  private final Path home;
  private final Map<String, String> environment;
  private final DownloadListener listener;

  /**
   * A source with the settings below a home folder.
   *
   * @param home the folder that holds {@code .m2}
   * @param environment what {@code ${env.X}} means in the settings
   */
  public MavenArtifactSource(
      Path home, Map<String, String> environment, DownloadListener listener) {
    this.home = home;
    this.environment = environment;
    this.listener = listener;
  }

  /**
   * The jar of those coordinates, in the local repository; not to be changed or moved.
   *
   * @throws MillraceException NOT_FOUND when no repository has it or none can be reached
   */
  public Path resolve(Coordinates coordinates) {
    MavenSettings maven = settings();
    RepositorySystem system = new RepositorySystemSupplier().get();
    try {
      var session = RepositorySession.open(system, maven, listener);
      var repositories = RepositorySession.repositories(system, session, maven.settings());
      var artifact =
          new DefaultArtifact(
              coordinates.group(), coordinates.artifact(), "jar", coordinates.version());
      File file =
          system
              .resolveArtifact(session, new ArtifactRequest(artifact, repositories, null))
              .getArtifact()
              .getFile();
      return file.toPath();
    } catch (ArtifactResolutionException failed) {
      throw MillraceException.of(
          ErrorCode.NOT_FOUND,
          "%s could not be fetched: %s. Check the connection, or the mirrors and proxies in"
              + " ~/.m2/settings.xml",
          coordinates,
          firstSentence(failed));
    } finally {
      system.shutdown();
    }
  }

  /**
   * Copies one entry of a jar.
   *
   * @param entry its exact path inside the jar
   * @param target replaced when it exists; written whole or not at all
   * @throws MillraceException NOT_FOUND when the jar has no such file
   */
  public void extract(Path jar, String entry, Path target) {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry found = zip.getEntry(entry);
      if (found == null || found.isDirectory()) {
        throw MillraceException.of(
            ErrorCode.NOT_FOUND, "'%s' has no file '%s'", jar.getFileName(), entry);
      }
      Path part = target.resolveSibling(target.getFileName() + ".part");
      try (InputStream in = zip.getInputStream(found)) {
        Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      }
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException unreadable) {
      throw MillraceException.of(
          ErrorCode.INTERNAL,
          "'%s' could not be read from %s: %s",
          entry,
          jar,
          unreadable.getMessage());
    }
  }

  private MavenSettings settings() {
    try {
      return MavenSettings.read(home, environment);
    } catch (SettingsBuildingException malformed) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the Maven settings below %s cannot be read: %s",
          home,
          malformed.getMessage());
    }
  }

  /** Maven's message names every repository and cause in one long line; the first is enough. */
  private static String firstSentence(ArtifactResolutionException failed) {
    Throwable root = failed;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    String message = root.getMessage() == null ? failed.getMessage() : root.getMessage();
    String line = String.valueOf(message).lines().findFirst().orElse("");
    if (root instanceof java.net.UnknownHostException) {
      return "the host " + line + " is not known (no connection?)";
    }
    return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
  }
}
