package dev.millrace.runtime.engine.admission;

import ai.onnxruntime.OrtEnvironment;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.protocol.control.Profile;
import java.io.File;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The command line of a child: this process's Java and the few jars that a probe needs, found where
 * this process got its classes from, so that it works out of any packaging.
 */
final class ChildCommand {
  private static final Path SHELL = Path.of("/bin/sh");

  /** Address space that a JVM reserves without using it. */
  private static final long RESERVED_BYTES = 4L << 30;

  private static final List<Class<?>> NEEDED =
      List.of(ProbeMain.class, Profile.class, OrtEnvironment.class, JsonInclude.class);

  /**
   * Limits that only the kernel can hold. Each is set where it can be; a system that knows one not
   * goes without. Cores and files larger than 256 MiB help nobody.
   */
  private static final String LIMITS =
      """
      ulimit -c 0 2>/dev/null
      ulimit -n 256 2>/dev/null
      ulimit -f 524288 2>/dev/null
      ulimit -v %d 2>/dev/null
      if command -v nice >/dev/null 2>&1; then exec nice -n 10 "$@"; else exec "$@"; fi
      """;

  private ChildCommand() {}

  /**
   * The process, not started: in its own folder, with an environment that holds no secret.
   *
   * @param main the class to run, {@link ProbeMain} outside of tests
   * @param natives folder of ONNX Runtime's libraries; null lets the child unpack them
   */
  static ProcessBuilder of(
      Class<?> main, ChildFiles files, ChildOptions options, @Nullable Path natives) {
    var command = new ArrayList<String>();
    if (Files.isExecutable(SHELL)) {
      long kibibytes = (options.memoryBytes() + RESERVED_BYTES) >> 10;
      command.addAll(
          List.of(SHELL.toString(), "-c", LIMITS.formatted(kibibytes), SHELL.toString()));
    }
    command.addAll(java(main, files, options, natives));
    var process = new ProcessBuilder(command).directory(files.folder().toFile());
    Map<String, String> environment = process.environment();
    environment
        .keySet()
        .retainAll(List.of("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "SystemRoot"));
    environment.put("ORT_DISABLE_TELEMETRY", "1");
    environment.put("TMPDIR", files.folder().toString());
    // One heap for each thread would make the process look larger than the model.
    environment.put("MALLOC_ARENA_MAX", "2");
    return process;
  }

  private static List<String> java(
      Class<?> main, ChildFiles files, ChildOptions options, @Nullable Path natives) {
    long heap = Math.clamp(options.memoryBytes() / 4, 64L << 20, 2L << 30) >> 20;
    var command =
        new ArrayList<>(
            List.of(
                binary().toString(),
                "-Xmx" + heap + "m",
                "-Xss1m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:ReservedCodeCacheSize=32m",
                "-XX:CompressedClassSpaceSize=64m",
                "-Xshare:auto",
                "-XX:-UsePerfData",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + files.crashFile(),
                "-Djava.io.tmpdir=" + files.folder(),
                "--enable-native-access=ALL-UNNAMED"));
    if (natives != null) {
      command.add("-Donnxruntime.native.path=" + natives);
    }
    command.addAll(List.of("-cp", classPath(main), main.getName(), files.folder().toString()));
    return command;
  }

  private static Path binary() {
    boolean windows =
        System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
    return Path.of(System.getProperty("java.home"), "bin", windows ? "java.exe" : "java");
  }

  private static String classPath(Class<?> main) {
    var paths = new LinkedHashSet<String>();
    paths.add(source(main).toString());
    NEEDED.forEach(needed -> paths.add(source(needed).toString()));
    return String.join(File.pathSeparator, paths);
  }

  /** The jar or folder that a class came from. */
  static Path source(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      throw new IllegalStateException("nobody knows where " + type.getName() + " came from");
    }
    String location = source.getLocation().toString();
    if (location.startsWith("jar:")) {
      location = location.substring("jar:".length());
    }
    int inside = location.indexOf("!/");
    try {
      return Path.of(new URI(inside < 0 ? location : location.substring(0, inside)));
    } catch (URISyntaxException | IllegalArgumentException odd) {
      throw new IllegalStateException(
          "the classes of " + type.getName() + " lie at " + location + " (expected: a file)", odd);
    }
  }
}
