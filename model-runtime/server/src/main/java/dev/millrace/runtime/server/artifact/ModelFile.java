package dev.millrace.runtime.server.artifact;

import dev.millrace.protocol.control.Artifact;
import java.io.IOException;
import java.util.List;

/** Which of a version's files is the model. Pure. */
public final class ModelFile {
  private static final String USUAL = "model.onnx";

  private ModelFile() {}

  /**
   * The name of the model file: {@code model.onnx}, else the only {@code .onnx} file.
   *
   * @throws IOException when there is none, or no telling which
   */
  public static String nameIn(List<Artifact> artifacts) throws IOException {
    List<String> names =
        artifacts.stream().map(Artifact::name).filter(name -> name.endsWith(".onnx")).toList();
    if (names.contains(USUAL)) {
      return USUAL;
    }
    if (names.size() != 1) {
      throw new IOException(
          "the version has the model files " + names + " (expected: model.onnx, or exactly one)");
    }
    return names.get(0);
  }
}
