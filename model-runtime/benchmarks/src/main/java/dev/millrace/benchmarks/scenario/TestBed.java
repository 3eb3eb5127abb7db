package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.server.Contender;
import dev.millrace.benchmarks.server.PlatformServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What scenarios run on: options, a folder, and servers that are started when first asked for and
 * kept until the end of the run, so that they are as warm as each other. Not thread-safe.
 */
public final class TestBed implements AutoCloseable {
  private final RunOptions options;
  private final Path home;
  private final Path folder;
  private final Consumer<String> progress;
  private final @Nullable Contender remote;
  private final Baselines baselines;
  private @Nullable PlatformServer platform;

  private TestBed(
      RunOptions options,
      Path home,
      Path folder,
      @Nullable Contender remote,
      Consumer<String> progress) {
    this.options = options;
    this.home = home;
    this.folder = folder;
    this.remote = remote;
    this.progress = progress;
    this.baselines = new Baselines(folder);
  }

  /**
   * This build and its baselines.
   *
   * @param home root of the repository
   * @param folder for models, logs and data; the caller deletes it
   * @param progress told in a line what is being done
   */
  public static TestBed local(
      RunOptions options, Path home, Path folder, Consumer<String> progress) {
    return new TestBed(options, home, folder, null, progress);
  }

  /** A server that somebody else runs, alone. */
  public static TestBed remote(
      RunOptions options, Path folder, Contender server, Consumer<String> progress) {
    return new TestBed(options, folder, folder, server, progress);
  }

  RunOptions options() {
    return options;
  }

  /** Root of the repository. */
  Path home() {
    return home;
  }

  Path folder() {
    return folder;
  }

  void tell(String line) {
    progress.accept(line);
  }

  /** The server under test. */
  Contender server() throws IOException, InterruptedException {
    return remote == null ? platform() : remote;
  }

  /** This build's platform. */
  PlatformServer platform() throws IOException, InterruptedException {
    if (platform == null) {
      tell("starting the platform");
      platform = PlatformServer.start(home, folder);
    }
    return platform;
  }

  /**
   * One more platform of this build, with its own folder; the caller closes it.
   *
   * @param name of its folder; the same name again finds what was there
   * @param jvmArguments for example configuration keys as system properties
   */
  PlatformServer another(String name, List<String> jvmArguments)
      throws IOException, InterruptedException {
    tell("starting the platform: " + name);
    return PlatformServer.start(home, folder.resolve(name), jvmArguments);
  }

  /** Whether the server under test is somebody else's, to be measured without baselines. */
  boolean isRemote() {
    return remote != null;
  }

  Baselines baselines() {
    return baselines;
  }

  Measure measure() {
    return new Measure(options, progress);
  }

  @Override
  public void close() throws Exception {
    try (baselines) {
      if (platform != null) {
        platform.close();
      }
    }
  }
}
