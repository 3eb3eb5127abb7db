package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.baseline.BaselineMain;
import dev.millrace.benchmarks.passthrough.PassThroughSetup;
import dev.millrace.benchmarks.server.BareOnnxRuntime;
import dev.millrace.benchmarks.server.EchoServer;
import dev.millrace.benchmarks.workload.Protocol;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The baselines of one run, each started when first needed and kept, so that it is as warm as the
 * platform. Not thread-safe.
 */
public final class Baselines implements AutoCloseable {
  private final Path folder;
  private @Nullable EchoServer http;
  private @Nullable EchoServer sink;
  private @Nullable EchoServer jackson;
  private @Nullable EchoServer grpc;
  private @Nullable BareOnnxRuntime onnx;
  private @Nullable PassThroughSetup passThrough;
  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  /** Starts nothing yet; logs and model files go to the folder. */
  public Baselines(Path folder) {
    this.folder = folder;
  }

  EchoServer echo(Protocol protocol) throws IOException {
    if (protocol.http()) {
      if (http == null) {
        http = keep(EchoServer.start(BaselineMain.HTTP_ECHO, folder));
      }
      return http;
    }
    if (grpc == null) {
      grpc = keep(EchoServer.start(BaselineMain.GRPC_ECHO, folder));
    }
    return grpc;
  }

  /** Reads what it gets and answers how much it was; over HTTP. */
  EchoServer sink() throws IOException {
    if (sink == null) {
      sink = keep(EchoServer.start(BaselineMain.HTTP_SINK, folder));
    }
    return sink;
  }

  /** Parses what it gets by Jackson and answers how much it was; over HTTP. */
  EchoServer jackson() throws IOException {
    if (jackson == null) {
      jackson = keep(EchoServer.start(BaselineMain.HTTP_JACKSON, folder));
    }
    return jackson;
  }

  BareOnnxRuntime onnxRuntime() throws IOException {
    if (onnx == null) {
      onnx = keep(BareOnnxRuntime.start(folder));
    }
    return onnx;
  }

  /** The ways to pass gRPC through. */
  PassThroughSetup passThrough() throws IOException {
    if (passThrough == null) {
      passThrough = keep(PassThroughSetup.start(folder));
    }
    return passThrough;
  }

  private <T extends AutoCloseable> T keep(T baseline) {
    started.push(baseline);
    return baseline;
  }

  @Override
  public void close() throws Exception {
    while (!started.isEmpty()) {
      started.pop().close();
    }
  }
}
