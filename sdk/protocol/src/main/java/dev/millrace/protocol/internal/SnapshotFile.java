package dev.millrace.protocol.internal;

import dev.millrace.protocol.control.ControlJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * The last snapshot on disk, so that a process can start while the registry is down. A reader sees
 * the old content or the new one, never a mixture. The file is readable by its owner only: a
 * gateway's snapshot holds key hashes. For one writer.
 */
final class SnapshotFile {
  private final Path file;
  private final Path temporary;

  SnapshotFile(Path file) {
    this.file = file.toAbsolutePath();
    this.temporary = this.file.resolveSibling(this.file.getFileName() + ".tmp");
  }

  /** What was saved last; empty when nothing was. */
  Optional<Snapshot> load() throws IOException {
    return Files.exists(file)
        ? Optional.of(ControlJson.lenient().readValue(Files.readAllBytes(file), Snapshot.class))
        : Optional.empty();
  }

  void save(Snapshot snapshot) throws IOException {
    var parent = file.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.deleteIfExists(temporary);
    createPrivate(temporary);
    try (var channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      var bytes = ByteBuffer.wrap(ControlJson.lenient().writeValueAsBytes(snapshot));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      // Without it a power cut can leave an empty file under the new name.
      channel.force(true);
    }
    try {
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException unsupported) {
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void createPrivate(Path path) throws IOException {
    if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      var ownerOnly = PosixFilePermissions.fromString("rw-------");
      Files.createFile(path, PosixFilePermissions.asFileAttribute(ownerOnly));
    } else {
      Files.createFile(path);
    }
  }
}
