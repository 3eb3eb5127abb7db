package dev.millrace.e2e.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs code as a reader of the documentation would, with a key in the environment. */
public final class Programs {
  private Programs() {}

  /** Runs a program that must succeed; returns all that it printed. */
  public static String run(Path folder, String key, String... command)
      throws IOException, InterruptedException {
    return run(folder, key, Map.of(), command);
  }

  /** The same with more in the environment. */
  public static String run(
      Path folder, String key, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("MILLRACE_API_KEY", key);
    builder.environment().putAll(environment);
    builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
    var process = builder.start();
    var printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("%s: %s", List.of(command), printed).isZero();
    return printed;
  }

  /** Runs one file of Java against the classes of this test, the client's among them. */
  public static String java(Path folder, String key, String file, String code)
      throws IOException, InterruptedException {
    Files.writeString(folder.resolve(file), code);
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return run(folder, key, java, "-cp", System.getProperty("java.class.path"), file);
  }

  /** Whether a program is on this machine. */
  public static boolean has(String... command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException missing) {
      return false;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
