package dev.millrace.standalone;

import java.nio.file.Path;

/**
 * The user's home folder, found as the command line finds it: {@code HOME} first, since the JVM's
 * own {@code user.home} comes from the password database, which a container may not know the user
 * of.
 */
final class UserHome {
  private UserHome() {}

  static Path path() {
    String home = System.getenv("HOME");
    return Path.of(home == null || home.isBlank() ? System.getProperty("user.home") : home);
  }
}
