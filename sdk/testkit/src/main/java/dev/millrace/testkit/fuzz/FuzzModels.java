package dev.millrace.testkit.fuzz;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.testkit.bundle.TarBytes;
import dev.millrace.testkit.onnx.TinyModels;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The models that the server must serve under these names. */
public final class FuzzModels {
  /** {@link TinyModels#linear linear(4, 3)}. */
  public static final String LINEAR = "fuzz-linear";

  /** {@link TinyModels#gatherEmbedding}: an id that it does not have fails the run. */
  public static final String TABLE = "fuzz-table";

  /** {@link TinyModels#runningSum} with its state kept in sequences. */
  public static final String SUM = "fuzz-sum";

  /** {@link TinyModels#identity} of text. */
  public static final String TEXT = "fuzz-text";

  private FuzzModels() {}

  /** What to upload for each name. */
  public static Map<String, byte[]> all() {
    byte[] states = "states: {state: next}\n".getBytes(StandardCharsets.UTF_8);
    var models = new LinkedHashMap<String, byte[]>();
    models.put(LINEAR, TinyModels.linear(4, 3));
    models.put(TABLE, TinyModels.gatherEmbedding(10, 2));
    models.put(TEXT, TinyModels.identity(DataType.BYTES));
    models.put(
        SUM,
        new TarBytes()
            .file("model.onnx", TinyModels.runningSum())
            .file("millrace.yaml", states)
            .end());
    return models;
  }
}
