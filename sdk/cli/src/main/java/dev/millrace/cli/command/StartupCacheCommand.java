package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Terminal;
import dev.millrace.cli.platform.JvmArguments;
import dev.millrace.cli.startup.StartupTraining;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code millrace startup-cache}. */
@Command(
    name = "startup-cache",
    description = {
      "Makes the platform start faster: runs it once for half a minute, calls a small model, and keeps"
          + " what the JVM has loaded and learned for the next starts.",
      "A cache of an older build or another JDK is ignored; run this again after an update."
    },
    footer = {"", "Example:", "  ./millrace startup-cache"})
final class StartupCacheCommand implements Callable<Integer> {
  private final Terminal terminal;

  StartupCacheCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    Path home = Path.of(System.getProperty("millrace.home", "")).toAbsolutePath();
    long start = System.nanoTime();
    var training = new StartupTraining(terminal, home, JvmArguments.ofPlatform());
    training.report(training.run(), Duration.ofNanos(System.nanoTime() - start));
    return ExitCode.OK;
  }
}
