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
 * @param state moves only forward, except that a REJECTED version may be judged again
 * @param reason why the version was rejected; of a READY one, why it failed when it was judged
 *     again the last time; null otherwise
 * @param format what the ONNX file says of itself
 * @param validations how many times it was judged, or is to be, the present time included; at least
 *     1
 * @param validatingAgain whether it is being judged once more while it is READY
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
    Instant createdAt,
    int validations,
    boolean validatingAgain) {

  public VersionDocument {
    validations = Math.max(1, validations);
  }

  /** A version that nobody asked to be judged again. */
  public VersionDocument(
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
    this(
        project, model, version, digest, state, reason, signature, format, manifest, artifacts,
        createdAt, 1, false);
  }

  /**
   * What the ONNX file says of itself.
   *
   * @param irVersion the IR version
   * @param opset version of the default operator set; 0 when the file names none
   * @param producer name and version of the exporter; possibly empty
   */
  public record OnnxFormat(long irVersion, long opset, String producer) {}
}
