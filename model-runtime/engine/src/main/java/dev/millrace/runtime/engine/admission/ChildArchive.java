package dev.millrace.runtime.engine.admission;

import dev.millrace.runtime.engine.admission.ChildProcess.Until;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The classes of the child, loaded and linked once for all (JEP 483, JEP 514): a child that finds
 * them starts about a fifth sooner. Made by one child that judges a built-in model, after the first
 * verdict and beside everything else; whatever goes wrong with it costs only that time.
 *
 * <p>The file's name says which Java and which jars it is for, and the JVM checks again for itself,
 * so that a stale one is never used. Thread-safe.
 */
final class ChildArchive {
  private static final String PREFIX = "child-";
  private static final String SUFFIX = ".aot";
  private static final String SILENCE = "-Xlog:aot*=off,cds*=off";
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** {@code y = x · W + b}: four numbers in, three out. */
  private static final String MODEL =
      """
      CAgSEG1pbGxyYWNlLXRlc3RraXQaATE6xwESBmxpbmVhcloYCgF4EhMKEQgBEg0KBxIFYmF0Y2gK\
      AggEYhgKAXkSEwoRCAESDQoHEgViYXRjaAoCCAMqOwgECAMQAUIBV0owAACAPwAAAEAAAEBAAAAA\
      QAAAgEAAAMBAAABAQAAAwEAAABBBAACAQAAAAEEAAEBBKhUIAxABQgFCSgwAAAAAAACAPwAAAEAK\
      HQoBeAoBVxICeFcaCU1hdE11bF94VyIGTWF0TXVsChYKAnhXCgFCEgF5GgVBZGRfeSIDQWRkQgQK\
      ABAR""";

  private final ChildProgram program;
  private final ChildOptions options;
  private final AtomicBoolean tried = new AtomicBoolean();
  private volatile @Nullable Path file;

  ChildArchive(ChildProgram program, ChildOptions options) {
    this.program = program;
    this.options = options;
  }

  /** Arguments for a child; none while there is no archive for it. */
  List<String> arguments() {
    Path archive = file();
    return archive != null && Files.isRegularFile(archive)
        ? List.of("-XX:AOTCache=" + archive, SILENCE)
        : List.of();
  }

  /**
   * Begins to make the archive if there is none, on a thread of its own, once in this object's
   * life. Returns at once.
   */
  void makeLater(@Nullable Path natives) {
    Path archive = file();
    if (archive == null || Files.isRegularFile(archive) || !tried.compareAndSet(false, true)) {
      return;
    }
    Thread.ofPlatform()
        .name("millrace-child-archive")
        .daemon()
        .start(
            () -> {
              try {
                make(archive, natives);
              } catch (IOException | UncheckedIOException noArchive) {
                // The next start of this process tries again.
              } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
              }
            });
  }

  /** Makes it, in the place of those for other jars. Whether there is one now. */
  boolean make(Path archive, @Nullable Path natives) throws IOException, InterruptedException {
    Path folder = options.folder().toAbsolutePath();
    Files.createDirectories(folder);
    var files = new ChildFiles(Files.createTempDirectory(folder, "archive-"));
    try {
      Path model =
          Files.write(files.folder().resolve("model.onnx"), Base64.getDecoder().decode(MODEL));
      files.ask(
          new ChildFiles.Question(
              new AdmissionProbe.Subject(model, "", Map.of()),
              new ProbeOptions("", 1, Duration.ofMillis(200))));
      Path fresh = files.folder().resolve("fresh" + SUFFIX);
      ProcessBuilder command =
          ChildCommand.of(
              program, files, options, natives, List.of("-XX:AOTCacheOutput=" + fresh, SILENCE));
      try (var process = new ChildProcess(command.start(), Until.END)) {
        process.await(LONGEST, options.memoryBytes());
      }
      if (!Files.isRegularFile(fresh)) {
        return false;
      }
      Files.move(fresh, archive, StandardCopyOption.ATOMIC_MOVE);
      dropOthers(folder, archive);
      return true;
    } finally {
      files.remove();
    }
  }

  private static void dropOthers(Path folder, Path archive) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      for (Path other : all.toList()) {
        String name = other.getFileName().toString();
        if (name.startsWith(PREFIX) && name.endsWith(SUFFIX) && !other.equals(archive)) {
          Files.deleteIfExists(other);
        }
      }
    }
  }

  /** Null where there cannot be one: the JVM archives jars, not folders of classes. */
  @Nullable Path file() {
    Path known = file;
    if (known == null) {
      List<Path> jars = program.classPath();
      if (!jars.stream().allMatch(Files::isRegularFile)) {
        return null;
      }
      known = options.folder().toAbsolutePath().resolve(PREFIX + key(jars) + SUFFIX);
      file = known;
    }
    return known;
  }

  private static String key(List<Path> jars) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      var identity = new StringBuilder(System.getProperty("java.home", ""));
      identity.append('\n').append(System.getProperty("java.vm.version", ""));
      for (Path jar : jars) {
        identity
            .append('\n')
            .append(jar)
            .append(' ')
            .append(Files.size(jar))
            .append(' ')
            .append(Files.getLastModifiedTime(jar).toMillis());
      }
      byte[] hash = digest.digest(identity.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
