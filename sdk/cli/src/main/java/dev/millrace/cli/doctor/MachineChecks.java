package dev.millrace.cli.doctor;

import dev.millrace.cli.DataFolder;
import dev.millrace.cli.Progress;
import dev.millrace.cli.ServerFile;
import dev.millrace.cli.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at this machine: JDK, processor, data folder, servers that run here. */
public final class MachineChecks {
  private static final int NEEDED_JAVA = 25;

  /** A few large models and their optimised copies. */
  private static final long ENOUGH_DISK = 2L << 30;

  private final Terminal terminal;

  /** Checks that read the terminal's environment. */
  public MachineChecks(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * Runs all checks.
   *
   * @param data the data folder to look at; null for the default of {@code serve}
   */
  public List<Finding> run(@Nullable Path data) {
    var findings = new ArrayList<Finding>();
    findings.add(java());
    findings.add(processor());
    findings.add(dataFolder(data == null ? DataFolder.ofServe(terminal) : data));
    findings.add(servers());
    return findings;
  }

  private static Finding java() {
    String home = System.getProperty("java.home");
    String found = "JDK " + Runtime.version() + " (" + home + ")";
    return Runtime.version().feature() >= NEEDED_JAVA
        ? Finding.ok("java", found)
        : Finding.fail(
            "java",
            found,
            "Install a JDK " + NEEDED_JAVA + " or newer, or set MILLRACE_JAVA_HOME.");
  }

  private static Finding processor() {
    String arch = System.getProperty("os.arch");
    String found =
        Runtime.getRuntime().availableProcessors()
            + " processors, "
            + arch
            + ", "
            + System.getProperty("os.name");
    boolean known = arch.equals("amd64") || arch.equals("x86_64") || arch.equals("aarch64");
    return known
        ? Finding.ok("machine", found)
        : Finding.fail(
            "machine", found, "ONNX Runtime for Java exists for x86-64 and 64-bit ARM only.");
  }

  private static Finding dataFolder(Path folder) {
    Path existing = folder.toAbsolutePath();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
      return Finding.fail(
          "data",
          folder + " cannot be written by this user",
          "Choose another folder with 'serve --data DIR'.");
    }
    long free;
    try {
      free = Files.getFileStore(existing).getUsableSpace();
    } catch (IOException unknown) {
      return Finding.ok("data", folder + " can be written");
    }
    String found = folder + " can be written, " + Progress.size(free) + " free";
    return free < ENOUGH_DISK
        ? Finding.warn("data", found, "Models are large: free some space or move the folder.")
        : Finding.ok("data", found);
  }

  private Finding servers() {
    List<ServerFile> running = ServerFile.running(terminal);
    if (running.isEmpty()) {
      return Finding.ok("servers", "no platform of this user runs on this machine");
    }
    List<String> urls = running.stream().map(ServerFile::url).toList();
    return running.size() == 1
        ? Finding.ok("servers", urls.get(0) + " runs on this machine")
        : Finding.warn(
            "servers",
            String.join(", ", urls) + " run on this machine",
            "Say which one you mean with --port or --url.");
  }
}
