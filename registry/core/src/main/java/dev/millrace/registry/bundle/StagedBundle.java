package dev.millrace.registry.bundle;

import dev.millrace.protocol.control.Artifact;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.registry.artifact.StagedBlob;
import dev.millrace.registry.onnx.OnnxModel;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * An upload that was read, checked and staged, and is not visible yet. Closing it without {@link
 * #commit} discards its files. For one thread.
 */
public final class StagedBundle implements AutoCloseable {
  private final Map<String, StagedBlob> files;
  private final List<Artifact> artifacts;
  private final OnnxModel model;
  private final ModelManifest manifest;

  StagedBundle(
      Map<String, StagedBlob> files,
      List<Artifact> artifacts,
      OnnxModel model,
      ModelManifest manifest) {
    this.files = files;
    this.artifacts = List.copyOf(artifacts);
    this.model = model;
    this.manifest = manifest;
  }

  /** The files, sorted by name. */
  public List<Artifact> artifacts() {
    return artifacts;
  }

  /** What the ONNX file says of itself. */
  public OnnxModel model() {
    return model;
  }

  /** What {@code millrace.yaml} says; {@link ModelManifest#EMPTY} without one. */
  public ModelManifest manifest() {
    return manifest;
  }

  /** Makes the files durable and visible as blobs. */
  public void commit() throws IOException {
    for (var file : files.values()) {
      file.commit();
    }
  }

  @Override
  public void close() throws IOException {
    for (var file : files.values()) {
      file.close();
    }
  }
}
