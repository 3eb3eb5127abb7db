package dev.millrace.cli.startup;

import dev.millrace.cli.Deployment;
import dev.millrace.cli.Progress;
import dev.millrace.cli.SampleModel;
import dev.millrace.cli.ServerFile;
import dev.millrace.cli.Terminal;
import dev.millrace.cli.platform.PlatformProcess;
import dev.millrace.cli.platform.TemporaryFolders;
import dev.millrace.client.ClientOptions;
import dev.millrace.client.Credentials;
import dev.millrace.client.Millrace;
import dev.millrace.client.Transport;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of the platform under the JVM's recorder: start, deploy a small model, call it by every
 * transport until the path is compiled, stop. What the JVM then writes is the {@link StartupCache}.
 */
public final class StartupTraining {
  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration EACH_TRANSPORT = Duration.ofSeconds(3);
  private static final String MODEL = "startup";

  private final Terminal terminal;
  private final Progress progress;
  private final Path home;
  private final List<String> jvmArguments;

  /**
   * A training of the distribution in {@code home}.
   *
   * @param jvmArguments the ones that the platform is started with; a cache made with others is of
   *     less use or none
   */
  public StartupTraining(Terminal terminal, Path home, List<String> jvmArguments) {
    this.terminal = terminal;
    this.progress = new Progress(terminal);
    this.home = home;
    this.jvmArguments = List.copyOf(jvmArguments);
  }

  /**
   * Makes the cache, replacing an older one.
   *
   * @return the bytes it takes
   * @throws MillraceException INTERNAL when the platform does not start or the JVM writes no cache
   */
  public long run() throws InterruptedException {
    StartupCache cache = StartupCache.of(home);
    Path fresh = cache.folder().resolve("platform.aot.new");
    Path work = null;
    try {
      Files.createDirectories(cache.folder());
      // First: without it the libraries that are replaced next are nobody's.
      Files.deleteIfExists(cache.archive());
      Files.deleteIfExists(fresh);
      work = Files.createTempDirectory("millrace-startup");
      NativeLibraries.unpack(home.resolve("standalone/target/quarkus-app/lib"), cache.natives());
      train(cache, fresh, work);
      if (!Files.isRegularFile(fresh)) {
        throw MillraceException.of(ErrorCode.INTERNAL, "the JVM has written no cache");
      }
      Files.move(fresh, cache.archive(), StandardCopyOption.ATOMIC_MOVE);
      return Files.size(cache.archive());
    } catch (IOException failure) {
      throw MillraceException.of(
          ErrorCode.INTERNAL,
          "the start-up cache in '%s' cannot be made: %s",
          cache.folder(),
          failure);
    } finally {
      progress.clear();
      if (work != null) {
        TemporaryFolders.delete(work);
      }
    }
  }

  private void train(StartupCache cache, Path fresh, Path work)
      throws IOException, InterruptedException {
    var arguments = new ArrayList<String>(jvmArguments);
    arguments.add("-XX:AOTCacheOutput=" + fresh);
    arguments.add("-Xlog:aot*=off,cds*=off");
    arguments.add(cache.nativesArgument());
    var start = new PlatformProcess.Start(home, arguments, 0, work.resolve("data"));
    try (PlatformProcess platform = PlatformProcess.start(start)) {
      ServerFile server = platform.awaitReady(START, progress);
      drive(server, Files.write(work.resolve("startup.onnx"), SampleModel.bytes(1)));
      progress.phase("writing the cache");
      platform.stop();
    }
  }

  private void drive(ServerFile server, Path model) throws InterruptedException {
    var credentials = Credentials.apiKey(server.key().orElseThrow());
    for (Transport transport : Transport.values()) {
      var options = ClientOptions.DEFAULT.withTransport(transport);
      try (Millrace millrace = Millrace.connect(server.url(), credentials, options)) {
        var deployment = new Deployment(millrace.control(), progress, MODEL);
        deployment.switchTo(deployment.upload(model).version());
        deployment.awaitServing(START);
        var row = Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4);
        long end = System.nanoTime() + EACH_TRANSPORT.toNanos();
        while (System.nanoTime() < end) {
          progress.phase("calling over " + transport);
          millrace.endpoint(MODEL).infer(row);
        }
      }
    }
  }

  /** Shows what {@link #run} has made. */
  public void report(long bytes, Duration took) {
    terminal
        .out()
        .println(
            "start-up cache made in "
                + took.toSeconds()
                + " s: "
                + StartupCache.of(home).folder()
                + " ("
                + Progress.size(bytes)
                + "); the next starts use it");
  }
}
