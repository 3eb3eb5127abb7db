package dev.millrace.runtime.server.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Deletes the longest unused versions of a cache folder until it holds no more than it may. A
 * version goes as a whole: its folder, then the artifacts that no other folder has. Not
 * thread-safe: nobody may add files meanwhile. A session that runs on a deleted file goes on, since
 * the system keeps what is open.
 */
final class CacheEviction {
  private final Path versions;
  private final Path blobs;
  private final long maxBytes;

  CacheEviction(Path root, long maxBytes) {
    this.versions = root.resolve("versions");
    this.blobs = root.resolve("sha256");
    this.maxBytes = maxBytes;
  }

  /** Notes that a version is used now. */
  void used(Path folder) throws IOException {
    Files.setLastModifiedTime(folder, FileTime.from(Instant.now()));
  }

  /**
   * Makes room.
   *
   * @param stay names of version folders that are not deleted
   */
  void run(Set<String> stay) throws IOException {
    if (held() <= maxBytes) {
      return;
    }
    // Left by a version that never came to be; or, without hard links, copied into every folder.
    deleteUnused();
    List<Path> candidates = new ArrayList<>();
    for (Path folder : list(versions)) {
      if (!stay.contains(folder.getFileName().toString())) {
        candidates.add(folder);
      }
    }
    candidates.sort(Comparator.comparing(CacheEviction::lastUse));
    for (Path folder : candidates) {
      if (held() <= maxBytes) {
        return;
      }
      delete(folder);
      deleteUnused();
    }
  }

  /** Bytes on disk: a file under several names counts once. */
  private long held() throws IOException {
    var counted = new HashSet<Object>();
    long bytes = 0;
    for (Path file : allBlobs()) {
      counted.add(identity(file));
      bytes += Files.size(file);
    }
    for (Path folder : list(versions)) {
      for (Path file : list(folder)) {
        if (counted.add(identity(file))) {
          bytes += Files.size(file);
        }
      }
    }
    return bytes;
  }

  /** Artifacts that are in no folder. */
  private void deleteUnused() throws IOException {
    var inUse = new HashSet<Object>();
    for (Path folder : list(versions)) {
      for (Path file : list(folder)) {
        inUse.add(identity(file));
      }
    }
    for (Path blob : allBlobs()) {
      if (!inUse.contains(identity(blob))) {
        Files.deleteIfExists(blob);
      }
    }
  }

  /** Equal for hard links of one file; where there are none, each file is one of its own. */
  private static Object identity(Path file) throws IOException {
    Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    return key == null ? file : key;
  }

  private List<Path> allBlobs() throws IOException {
    var all = new ArrayList<Path>();
    for (Path folder : list(blobs)) {
      all.addAll(list(folder));
    }
    return all;
  }

  private static void delete(Path folder) throws IOException {
    for (Path file : list(folder)) {
      Files.deleteIfExists(file);
    }
    Files.deleteIfExists(folder);
  }

  private static FileTime lastUse(Path folder) {
    try {
      return Files.getLastModifiedTime(folder);
    } catch (IOException gone) {
      return FileTime.fromMillis(0);
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
