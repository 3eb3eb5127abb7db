package dev.millrace.runtime.engine;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Graphs as ONNX Runtime optimized them, on disk, so that the next load need not do it again.
 *
 * <p>An optimized graph holds layouts for one processor and one release of ONNX Runtime: the key
 * says both, so a stale one is never found. A file appears under its name, which tells its size,
 * only when it is whole. At most {@code maxBytes} are kept; the longest unused go first, also under
 * a running load, which then takes the original. Thread-safe; processes may share a folder.
 */
public final class OptimizedModelCache {
  /** Protobuf ends at 2 GiB, and an optimized graph may be larger than its original. */
  private static final long MAX_MODEL_BYTES = 1L << 30;

  /** Beside anything else the model may have weights, which the optimized graph would miss. */
  private static final List<String> HARMLESS =
      List.of(".onnx", ".json", ".txt", ".yaml", ".yml", ".md");

  private final Path root;
  private final long maxBytes;

  /**
   * @param root created when needed
   * @param maxBytes 0 keeps nothing
   */
  public OptimizedModelCache(Path root, long maxBytes) {
    EngineOptions.require(maxBytes >= 0, "maxBytes", maxBytes, "not negative");
    this.root = root;
    this.maxBytes = maxBytes;
  }

  /** Where compiled engines of GPU libraries are kept; not bounded by {@code maxBytes}. */
  Path engines() {
    return root.resolve("engines");
  }

  /** Whether an optimized graph of this model can stand for it. */
  boolean takes(Path modelFile, SessionSettings settings) {
    if (maxBytes == 0 || settings.device().provider() != Device.Provider.CPU) {
      return false;
    }
    Path folder = modelFile.toAbsolutePath().getParent();
    if (folder == null) {
      return false;
    }
    try (Stream<Path> siblings = Files.list(folder)) {
      return Files.size(modelFile) <= MAX_MODEL_BYTES
          && siblings.allMatch(
              file -> HARMLESS.stream().anyMatch(end -> file.toString().endsWith(end)));
    } catch (IOException unreadable) {
      return false;
    }
  }

  /**
   * What an optimized graph depends on.
   *
   * @param digest of the model's content
   * @param runtimeVersion of ONNX Runtime
   */
  static String key(String digest, String runtimeVersion, SessionSettings settings) {
    var parts =
        List.of(
            digest,
            runtimeVersion,
            CpuFeatures.fingerprint(),
            settings.graph().optimization().name(),
            new TreeMap<>(settings.config()).toString());
    byte[] bytes = String.join("\n", parts).getBytes(StandardCharsets.UTF_8);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }

  /** The file of that key, if it is here and whole. */
  Optional<Path> find(String key) {
    for (Path file : files()) {
      if (file.getFileName().toString().startsWith(key) && whole(file)) {
        touch(file);
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  /** A fresh name for ONNX Runtime to write to; {@link #keep} or {@link #drop} it. */
  Path temporary() throws IOException {
    Files.createDirectories(root);
    Path file = Files.createTempFile(root, "optimizing-", ".part");
    Files.delete(file);
    return file;
  }

  /** Keeps what was written under its key, and makes room for it. */
  void keep(String key, Path written) throws IOException {
    long size = Files.size(written);
    if (size > maxBytes) {
      drop(written);
      return;
    }
    try (FileChannel channel = FileChannel.open(written, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Path file = root.resolve(key + "-" + size + ".onnx");
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    evict(file);
  }

  /** Deletes a file that is of no use. */
  void drop(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException stays) {
      // It is tried again when room is needed.
    }
  }

  private void evict(Path newest) {
    var byAge = new ArrayList<>(files());
    byAge.sort(Comparator.comparing(OptimizedModelCache::lastUse));
    long total = 0;
    for (Path file : byAge) {
      total += size(file);
    }
    for (Path file : byAge) {
      if (total <= maxBytes) {
        return;
      }
      if (!file.equals(newest)) {
        total -= size(file);
        drop(file);
      }
    }
  }

  private List<Path> files() {
    try (Stream<Path> files = Files.list(root)) {
      return files.filter(file -> file.toString().endsWith(".onnx")).toList();
    } catch (IOException none) {
      return List.of();
    }
  }

  private static boolean whole(Path file) {
    String name = file.getFileName().toString();
    String size = name.substring(name.lastIndexOf('-') + 1, name.length() - ".onnx".length());
    return size.equals(Long.toString(size(file)));
  }

  private static void touch(Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (IOException readOnly) {
      // Then it only looks older than it is.
    }
  }

  private static FileTime lastUse(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException gone) {
      return FileTime.fromMillis(0);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (NoSuchFileException gone) {
      return 0;
    } catch (IOException unreadable) {
      return 0;
    }
  }
}
