package dev.millrace.cli;

import java.nio.file.Path;

/** Where a platform keeps its data unless it is told otherwise. */
public final class DataFolder {
  private DataFolder() {}

  /** The default of {@code serve}: {@code ${XDG_DATA_HOME:-$HOME/.local/share}/millrace}. */
  public static Path ofServe(Terminal terminal) {
    return base(terminal).resolve("millrace");
  }

  /** The default of {@code demo}: a folder of its own, so that it never meets real data. */
  public static Path ofDemo(Terminal terminal) {
    return base(terminal).resolve("millrace-demo");
  }

  private static Path base(Terminal terminal) {
    return terminal
        .variable("XDG_DATA_HOME")
        .map(Path::of)
        .orElseGet(
            () ->
                Path.of(
                    terminal.variable("HOME").orElseGet(() -> System.getProperty("user.home")),
                    ".local",
                    "share"));
  }
}
