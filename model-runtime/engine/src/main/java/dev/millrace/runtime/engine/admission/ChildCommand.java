package dev.millrace.runtime.engine.admission;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The command line of a child: this process's Java under the limits that the kernel can hold. */
final class ChildCommand {
  private static final Path SHELL = Path.of("/bin/sh");

  /** Address space that a JVM reserves without using it. */
  private static final long RESERVED_BYTES = 4L << 30;

  /**
   * Limits that only the kernel can hold. Each is set where it can be; a system that knows one not
   * goes without. Cores and files larger than 256 MiB help nobody.
   */
  private static final String LIMITS =
      """
      ulimit -c 0 2>/dev/null
      ulimit -n 256 2>/dev/null
      %s
      if command -v nice >/dev/null 2>&1; then exec nice -n 10 "$@"; else exec "$@"; fi
      """;

  private static final String KERNEL_BOUNDS =
      "ulimit -f 524288 2>/dev/null; ulimit -v %d 2>/dev/null";

  private ChildCommand() {}

  /**
   * The process, not started: in its own folder, with an environment that holds no secret.
   *
   * @param natives folder of ONNX Runtime's libraries; null lets the child unpack them
   * @param archive arguments that use or make a {@link ChildArchive}; possibly empty
   */
  static ProcessBuilder of(
      ChildProgram program,
      ChildFiles files,
      ChildOptions options,
      @Nullable Path natives,
      List<String> archive) {
    var command = new ArrayList<String>();
    if (Files.isExecutable(SHELL)) {
      long kibibytes = (options.memoryBytes() + RESERVED_BYTES) >> 10;
      String bounds = options.kernelBounds() ? KERNEL_BOUNDS.formatted(kibibytes) : "";
      command.addAll(List.of(SHELL.toString(), "-c", LIMITS.formatted(bounds), SHELL.toString()));
    }
    command.addAll(java(program, files, options, natives, archive));
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
      ChildProgram program,
      ChildFiles files,
      ChildOptions options,
      @Nullable Path natives,
      List<String> archive) {
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
                "-XX:-UsePerfData",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + files.crashFile(),
                "-Djava.io.tmpdir=" + files.folder(),
                "--enable-native-access=ALL-UNNAMED"));
    if (natives != null) {
      command.add("-Donnxruntime.native.path=" + natives);
    }
    command.addAll(archive);
    command.addAll(
        List.of(
            "-cp", program.joinedClassPath(), program.main().getName(), files.folder().toString()));
    return command;
  }

  private static Path binary() {
    boolean windows =
        System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
    return Path.of(System.getProperty("java.home"), "bin", windows ? "java.exe" : "java");
  }
}
