package dev.millrace.benchmarks.server;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A JVM of our own that ends with us: on {@link #close}, when this process is told to stop, and,
 * for programs that read their input, even when this process is killed.
 */
final class ChildJvm implements AutoCloseable {
  private static final long STOP_SECONDS = 15;
  private static final int LOG_LINES = 15;

  /** Native access for ONNX Runtime; Netty 4.1 still uses Unsafe. */
  private static final List<String> JVM_ARGUMENTS =
      List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

  private final String name;
  private final Process process;
  private final Path log;
  private final BufferedReader output;
  private final BufferedWriter input;
  private final Thread hook;

  private ChildJvm(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.output = process.inputReader(StandardCharsets.UTF_8);
    this.input = process.outputWriter(StandardCharsets.UTF_8);
    this.hook = new Thread(process::destroy, "stop-" + name);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** A program whose standard output is read by {@link #readLine}; errors go to the log. */
  static ChildJvm conversing(String name, List<String> arguments, Path folder) throws IOException {
    Path log = folder.resolve(name + ".log");
    var builder = builder(arguments, folder).redirectError(log.toFile());
    return new ChildJvm(name, builder.start(), log);
  }

  /** A program whose standard output and errors go to the log. */
  static ChildJvm logging(String name, List<String> arguments, Path folder) throws IOException {
    Path log = folder.resolve(name + ".log");
    var builder = builder(arguments, folder).redirectErrorStream(true).redirectOutput(log.toFile());
    return new ChildJvm(name, builder.start(), log);
  }

  /**
   * The launcher script with these arguments; the platform that it starts takes the script's place,
   * so that it is the same process. It runs what is built and uses this JDK.
   */
  static ChildJvm launcher(String name, Path home, List<String> arguments, Path folder)
      throws IOException {
    Path log = folder.resolve(name + ".log");
    var command = new ArrayList<String>();
    command.add(home.resolve("millrace").toString());
    command.addAll(arguments);
    var builder = isolated(command, folder).redirectErrorStream(true);
    builder.environment().put("MILLRACE_NO_BUILD", "1");
    builder.environment().put("MILLRACE_JAVA_HOME", System.getProperty("java.home"));
    return new ChildJvm(name, builder.redirectOutput(log.toFile()).start(), log);
  }

  private static ProcessBuilder builder(List<String> arguments, Path folder) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_ARGUMENTS);
    command.addAll(arguments);
    return isolated(command, folder);
  }

  private static ProcessBuilder isolated(List<String> command, Path folder) {
    var builder = new ProcessBuilder(command).directory(new File(folder.toString()));
    // No model or tokenizer library may call home; nothing of the user's is read or written.
    builder
        .environment()
        .putAll(
            Map.of(
                "ORT_DISABLE_TELEMETRY", "1",
                "OPT_OUT_TRACKING", "true",
                "XDG_CONFIG_HOME", folder.toString()));
    return builder;
  }

  long pid() {
    return process.pid();
  }

  /** Waits for a program that ends by itself; returns its status. */
  int awaitEnd() throws InterruptedException {
    return process.waitFor();
  }

  boolean alive() {
    return process.isAlive();
  }

  void writeLine(String line) throws IOException {
    input.write(line);
    input.newLine();
    input.flush();
  }

  /** The next line that starts with {@code prefix}, without it; other lines are passed over. */
  String readLine(String prefix) throws IOException {
    String line = output.readLine();
    while (line != null && !line.startsWith(prefix)) {
      line = output.readLine();
    }
    if (line == null) {
      throw new IOException(name + " ended unexpectedly" + logTail());
    }
    return line.substring(prefix.length());
  }

  /** The end of the log, for a message that says why something failed. */
  String logTail() {
    try {
      List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
      List<String> tail = lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size());
      return tail.isEmpty() ? "" : "; its last lines:\n  " + String.join("\n  ", tail);
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // This process is on its way down; the hook has done its work.
    }
  }
}
