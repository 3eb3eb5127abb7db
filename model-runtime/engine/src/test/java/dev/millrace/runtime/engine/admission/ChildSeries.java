package dev.millrace.runtime.engine.admission;

import dev.millrace.runtime.engine.EngineOptions;
import dev.millrace.runtime.engine.OnnxEngine;
import dev.millrace.runtime.engine.admission.AdmissionProbe.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Many models in few children: one child goes on until a model takes it down, the next one goes on
 * behind that model. Starting one for each would take a hundred times as long.
 */
final class ChildSeries {
  static final String ADMITTED = "admitted";

  private final Path folder;
  private final ChildOptions options;
  private int models;

  ChildSeries(Path folder, ChildOptions options) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.options = options;
  }

  void add(byte[] onnx) throws IOException {
    Files.write(folder.resolve(models++ + ".onnx"), onnx);
  }

  /** One sentence a model, in order. */
  List<String> judge() throws IOException, InterruptedException {
    Files.createDirectories(options.folder());
    Path natives = NativeLibraries.in(options.folder()).orElse(null);
    var program = new ChildProgram(Main.class, List.of());
    var verdicts = new ArrayList<String>();
    while (verdicts.size() < models) {
      Files.writeString(folder.resolve("first"), Integer.toString(verdicts.size()));
      var command = ChildCommand.of(program, new ChildFiles(folder), options, natives, List.of());
      try (var process = new ChildProcess(command.start(), ChildProcess.Until.END)) {
        ChildProcess.End end = process.await(options.timeout(), options.memoryBytes());
        int before = verdicts.size();
        while (Files.exists(folder.resolve(verdicts.size() + ".verdict"))) {
          verdicts.add(Files.readString(folder.resolve(verdicts.size() + ".verdict")));
        }
        if (!process.started()) {
          throw new IOException("no child: " + process.said());
        }
        if (verdicts.size() == before || end.status() != 0) {
          verdicts.add(end.cause() + " with status " + end.status());
        }
      }
    }
    return verdicts.subList(0, models);
  }

  /** The child. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
      System.out.println(ProbeMain.MARK + ProbeMain.STARTED);
      Path folder = Path.of(arguments[0]);
      var engine = OnnxEngine.start(new EngineOptions(1, 1, false, 16L << 20, null, null, null));
      var probe = new InProcessProbe(engine, new ProbeOptions("cpu", 1, Duration.ofMillis(100)));
      int model = Integer.parseInt(Files.readString(folder.resolve("first")));
      for (; Files.exists(folder.resolve(model + ".onnx")); model++) {
        Files.writeString(folder.resolve(model + ".tmp"), verdict(probe, folder, model));
        Files.move(folder.resolve(model + ".tmp"), folder.resolve(model + ".verdict"));
      }
      Runtime.getRuntime().halt(0);
    }

    private static String verdict(InProcessProbe probe, Path folder, int model) throws IOException {
      var subject =
          new AdmissionProbe.Subject(folder.resolve(model + ".onnx"), "sha256:00", Map.of());
      try {
        return probe.probe(subject) instanceof Verdict.Rejected rejected
            ? rejected.reason()
            : ADMITTED;
      } catch (RuntimeException | OutOfMemoryError unforeseen) {
        return "it makes admission fail: " + unforeseen;
      }
    }
  }
}
