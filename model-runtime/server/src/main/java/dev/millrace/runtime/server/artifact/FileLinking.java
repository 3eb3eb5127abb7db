package dev.millrace.runtime.server.artifact;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** How a file is given a second name. */
interface FileLinking {
  /** Afterwards {@code name} has the content of {@code file}, whole on disk. */
  void link(Path file, Path name) throws IOException;

  /** A hard link costs nothing; where there are none, a copy has the same content. */
  static void hardOrCopy(Path file, Path name) throws IOException {
    try {
      Files.createLink(name, file);
    } catch (IOException | UnsupportedOperationException noLinks) {
      copy(file, name);
    }
  }

  /** Forced to disk, since what is there under its final name is taken for whole. */
  static void copy(Path file, Path name) throws IOException {
    Files.copy(file, name, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel channel = FileChannel.open(name, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }
}
