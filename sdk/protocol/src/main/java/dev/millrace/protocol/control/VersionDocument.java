package dev.millrace.protocol.control;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One immutable version of a model.
 *
 * @param version 1, 2, …
 * @param digest {@code sha256:…} over the list of artifacts: two uploads with the same files have
 *     the same digest
 * @param state moves only forward
 * @param reason why the version was rejected; null otherwise
 * @param format what the ONNX file says of itself
 */
public record VersionDocument(
    String project,
    String model,
    int version,
    String digest,
    VersionState state,
    @Nullable String reason,
    Signature signature,
    OnnxFormat format,
    ModelManifest manifest,
    List<Artifact> artifacts,
    Instant createdAt) {

  /**
   * What the ONNX file says of itself.
   *
   * @param irVersion the IR version
   * @param opset version of the default operator set; 0 when the file names none
   * @param producer name and version of the exporter; possibly empty
   */
  public record OnnxFormat(long irVersion, long opset, String producer) {}
}
