package dev.millrace.benchmarks.server;

import dev.millrace.benchmarks.baseline.BaselineMain;
import dev.millrace.benchmarks.workload.MiniLm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * ONNX Runtime in a child JVM that runs MiniLM in a loop, without a server: what the model itself
 * costs on this machine.
 */
public final class BareOnnxRuntime implements AutoCloseable {
  private final ChildJvm process;

  private BareOnnxRuntime(ChildJvm process) {
    this.process = process;
  }

  /** Starts the process and loads the model. */
  public static BareOnnxRuntime start(Path folder) throws IOException {
    var command = new ArrayList<>(BaselineMain.command(BaselineMain.ONNX));
    command.add(MiniLm.writeModel(folder).toString());
    ChildJvm process = ChildJvm.conversing(BaselineMain.ONNX, List.copyOf(command), folder);
    try {
      process.readLine(BaselineMain.READY);
      return new BareOnnxRuntime(process);
    } catch (IOException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  /** Sentences per second with {@code batch} sentences a run; blocks for about the duration. */
  public double itemsPerSecond(int batch, int tokens, Duration window) throws IOException {
    process.writeLine(batch + " " + tokens + " " + window.toMillis());
    return Double.parseDouble(process.readLine(BaselineMain.RATE));
  }

  @Override
  public void close() {
    process.close();
  }
}
