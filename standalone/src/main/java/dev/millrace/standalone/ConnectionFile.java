package dev.millrace.standalone;

import dev.millrace.protocol.control.ControlJson;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * Tells the command line on this machine how to reach a running platform: JSON, readable by its
 * owner only, named by the port. It holds the path of the key file, never the key.
 *
 * @param url where HTTP and gRPC are served
 * @param managementUrl where metrics and health are served
 * @param keyFile path of the file that holds the admin key
 * @param pid the process that serves
 */
record ConnectionFile(URI url, URI managementUrl, String keyFile, long pid) {
  private static final Logger LOG = Logger.getLogger(ConnectionFile.class);

  /** Where the command line looks for the platform on {@code port}. */
  static Path pathFor(int port) {
    String base = System.getenv("XDG_CONFIG_HOME");
    Path config =
        base == null || base.isBlank() ? UserHome.path().resolve(".config") : Path.of(base);
    return config.resolve("millrace").resolve("servers").resolve(port + ".json");
  }

  /** Writes the file whole or not at all, with mode 0600 where the file system knows modes. */
  void write(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(file + " names no file");
    }
    Files.createDirectories(folder);
    Path fresh = createPrivate(folder);
    try {
      ControlJson.strict()
          .writeValue(
              fresh.toFile(),
              Map.of(
                  "url",
                  url.toString(),
                  "managementUrl",
                  managementUrl.toString(),
                  "keyFile",
                  keyFile,
                  "pid",
                  pid));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /** Removes the file unless another process has taken the port since. */
  void deleteIfOurs(Path file) {
    try {
      if (Files.exists(file)
          && ControlJson.lenient().readTree(file.toFile()).path("pid").asLong() == pid) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      LOG.debugf("connection file %s was not removed: %s", file, e.getMessage());
    }
  }

  private static Path createPrivate(Path folder) throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return Files.createTempFile(
          folder,
          ".connection",
          ".json",
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    return Files.createTempFile(folder, ".connection", ".json");
  }
}
