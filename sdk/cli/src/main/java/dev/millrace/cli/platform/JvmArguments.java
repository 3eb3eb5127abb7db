package dev.millrace.cli.platform;

import java.util.List;

/** What the launcher starts the platform's JVM with, told to this process by a system property. */
public final class JvmArguments {
  private JvmArguments() {}

  /** The arguments before {@code -jar}, without those of the start-up cache. */
  public static List<String> ofPlatform() {
    String given =
        System.getProperty(
            "millrace.server.args",
            "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow");
    return List.of(given.strip().split("\\s+"));
  }
}
