package dev.millrace.cli.startup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the start-up cache of a built distribution lies and what JVM arguments use it. The launcher
 * script knows the same file names and the same rule.
 *
 * @param folder {@code standalone/target/startup} of the distribution
 * @param serverJar what was trained; a cache older than it is stale
 */
public record StartupCache(Path folder, Path serverJar) {
  /** The cache of the distribution in {@code home}. */
  public static StartupCache of(Path home) {
    Path target = home.resolve("standalone").resolve("target");
    return new StartupCache(
        target.resolve("startup"), target.resolve("quarkus-app").resolve("quarkus-run.jar"));
  }

  /** Classes and profiles; written last, so that its presence says that the cache is whole. */
  Path archive() {
    return folder.resolve("platform.aot");
  }

  /** ONNX Runtime's libraries. */
  Path natives() {
    return folder.resolve("natives");
  }

  /**
   * What to start the platform with; empty when there is no cache or it was made for another build.
   * A cache that the JVM does not like (another JDK, another collector) is ignored by it in
   * silence.
   */
  public List<String> arguments() {
    try {
      boolean fresh =
          Files.isRegularFile(archive())
              && Files.getLastModifiedTime(archive())
                      .compareTo(Files.getLastModifiedTime(serverJar))
                  > 0;
      return fresh
          ? List.of("-XX:AOTCache=" + archive(), "-Xlog:aot*=off,cds*=off", nativesArgument())
          : List.of();
    } catch (IOException missing) {
      return List.of();
    }
  }

  String nativesArgument() {
    return "-Donnxruntime.native.path=" + natives();
  }
}
