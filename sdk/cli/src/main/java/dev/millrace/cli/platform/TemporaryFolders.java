package dev.millrace.cli.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Temporary folders. */
public final class TemporaryFolders {
  private TemporaryFolders() {}

  /** Removes a folder and what is in it, as far as possible; never fails. */
  public static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> innermostFirst;
    try (Stream<Path> files = Files.walk(folder)) {
      innermostFirst = files.sorted(Comparator.reverseOrder()).toList();
    } catch (IOException | java.io.UncheckedIOException gone) {
      return;
    }
    for (Path file : innermostFirst) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException inUse) {
        file.toFile().deleteOnExit();
      }
    }
  }
}
