package dev.millrace.registry.server.lifecycle;

import dev.millrace.registry.server.config.RegistrySettings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The first admin key: kept in {@code admin.key} of the data folder (mode 0600), for people and
 * tools on the same machine. Thread-safe.
 */
@Singleton
public class AdminKey {
  private final Path file;
  private volatile @Nullable String made;

  /** The key of the data folder in {@code settings}. */
  @Inject
  public AdminKey(RegistrySettings settings) {
    this.file = settings.data().resolve("admin.key");
  }

  /**
   * Where the key is kept; the file is there from the first start on, unless somebody removed it.
   */
  public Path path() {
    return file;
  }

  /** The key in plain text, in the process that made it; empty in every later one. */
  public Optional<String> made() {
    return Optional.ofNullable(made);
  }

  void keep(String key) {
    try {
      Files.createDirectories(file.getParent());
      var temporary = file.resolveSibling("admin.key.tmp");
      Files.deleteIfExists(temporary);
      if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
        Files.createFile(
            temporary,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      Files.writeString(temporary, key + "\n");
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failure) {
      throw new UncheckedIOException("cannot write the admin key to " + file, failure);
    }
    made = key;
  }
}
