package dev.millrace.benchmarks.baseline;

import dev.millrace.benchmarks.passthrough.PassThroughProgram;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Entry point of a baseline's JVM. It ends when its standard input does. */
public final class BaselineMain {
  /** Role: HTTP bodies back to their sender. */
  public static final String HTTP_ECHO = "http-echo";

  /** Role: the lengths of HTTP bodies to their sender. */
  public static final String HTTP_SINK = "http-sink";

  /** Role: as {@link #HTTP_SINK}, but the numbers in the bodies are parsed by Jackson before. */
  public static final String HTTP_JACKSON = "http-jackson";

  /** Role: gRPC messages back to their sender. */
  public static final String GRPC_ECHO = "grpc-echo";

  /** Role: MiniLM in a loop; the second argument is the model file. */
  public static final String ONNX = "onnx";

  /** Starts the line that says that the program works, followed by its port. */
  public static final String READY = "ready ";

  /** Starts the line with the answer to a command of {@link #ONNX}. */
  public static final String RATE = "rate ";

  private BaselineMain() {}

  /** JVM arguments that run a role on this process's own class path, from any folder. */
  public static List<String> command(String role) {
    String classPath =
        Stream.of(
                System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator), -1))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator));
    return List.of("-cp", classPath, BaselineMain.class.getName(), role);
  }

  /** Runs one role until standard input ends. */
  public static void main(String... arguments) {
    try {
      run(arguments);
      System.exit(0);
    } catch (Exception e) {
      // Server threads would keep a program without a main thread alive, and its parent waiting.
      System.err.println("baseline " + String.join(" ", arguments) + ": " + e);
      System.exit(1);
    }
  }

  private static void run(String... arguments) throws Exception {
    switch (arguments[0]) {
      case HTTP_ECHO -> serve(HttpEcho.echo());
      case HTTP_SINK -> serve(HttpEcho.sink());
      case HTTP_JACKSON -> serve(HttpEcho.jackson());
      case GRPC_ECHO -> serve(GrpcEcho.start());
      case ONNX -> OnnxLoop.run(Path.of(arguments[1]), System.in, System.out);
      default -> serve(PassThroughProgram.start(arguments));
    }
  }

  private static void serve(int port) throws java.io.IOException {
    System.out.println(READY + port);
    while (System.in.read() >= 0) {
      // Nothing is said on it; its end is the message.
    }
  }
}
