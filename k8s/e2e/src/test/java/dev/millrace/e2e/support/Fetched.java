package dev.millrace.e2e.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the build has fetched for the tests ({@code clients/prepare}); tests skip without it. */
public final class Fetched {
  private static final boolean REQUIRED = "true".equals(System.getenv("CI"));

  private Fetched() {}

  /** The folder with the scripts of Node and the clients that they use. */
  public static Path clients() {
    Path folder = Path.of("target", "clients").toAbsolutePath();
    required(
        Files.exists(folder.resolve("node_modules").resolve(".fetched")),
        "the clients of Node were not fetched: no node, no npm or no registry at build time");
    return folder;
  }

  /** A model of {@code target/models}. */
  public static byte[] model(String file) throws IOException {
    Path model = Path.of("target", "models", file);
    required(Files.exists(model), model + " was not fetched: no npm or no registry at build time");
    return Files.readAllBytes(model);
  }

  /** Skips the test where a program is not installed. */
  public static void program(String name) {
    required(Programs.has(name, "--version"), name + " is not installed");
  }

  private static void required(boolean there, String otherwise) {
    if (REQUIRED && !there) {
      throw new AssertionError(otherwise);
    }
    assumeTrue(there, otherwise);
  }
}
