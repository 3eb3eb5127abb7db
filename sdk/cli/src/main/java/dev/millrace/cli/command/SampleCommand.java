package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.SampleModel;
import dev.millrace.cli.Terminal;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace sample FILE}. */
@Command(
    name = "sample",
    description = {
      "Writes a tiny ONNX model to try things with: y = x·W + b.",
      "x is FP32[batch,4], y is FP32[batch,3]; the row 1,2,3,4 gives 30,61,92 (times the scale)."
    },
    footer = {"", "Example:", "  ./millrace sample linear.onnx"})
final class SampleCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "Where to write; replaced if it exists.")
  private Path file = Path.of("");

  @Option(
      names = "--scale",
      paramLabel = "FACTOR",
      description = "Multiplies the answer, so that versions differ (default: 1).")
  private float scale = 1;

  SampleCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try {
      Files.write(file, SampleModel.bytes(scale));
    } catch (IOException unwritable) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "file '%s' cannot be written: %s",
          file,
          unwritable.getMessage());
    }
    terminal.out().println("wrote " + file);
    return ExitCode.OK;
  }
}
