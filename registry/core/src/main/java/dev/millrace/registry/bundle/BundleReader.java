package dev.millrace.registry.bundle;

import dev.millrace.protocol.control.Artifact;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.artifact.BlobStore;
import dev.millrace.registry.artifact.StagedBlob;
import dev.millrace.registry.model.NameRule;
import dev.millrace.registry.onnx.OnnxModel;
import dev.millrace.registry.onnx.OnnxSignatureReader;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads an upload, a bare ONNX file or a tar bundle told apart by content, while it comes in: every
 * file is staged as a blob and hashed on the way, then the model and the manifest are checked
 * against each other. Memory does not depend on the size of the upload. Thread-safe.
 */
public final class BundleReader {
  /** Name of the model when the upload is a bare file. */
  public static final String MODEL_FILE = "model.onnx";

  private static final int LARGEST_MANIFEST = 1 << 16;
  private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._+@=,-]{0,127}");

  private final BlobStore blobs;
  private final UploadLimits limits;

  /** Stages into {@code blobs} within {@code limits}. */
  public BundleReader(BlobStore blobs, UploadLimits limits) {
    this.blobs = blobs;
    this.limits = limits;
  }

  /**
   * Reads one upload to its end.
   *
   * @param body not closed here
   * @param expectedSha256 of the whole body, as the client sent it; null when it sent none
   * @return the staged files; the caller commits and closes them
   * @throws MillraceException INVALID_ARGUMENT or PAYLOAD_TOO_LARGE; nothing stays staged
   * @throws IOException when the body breaks off or the disk fails; nothing stays staged
   */
  public StagedBundle read(InputStream body, byte @Nullable [] expectedSha256) throws IOException {
    var files = new TreeMap<String, StagedBlob>();
    try {
      var counted = new UploadBody(body, limits.maxBytes(), expectedSha256);
      stage(counted, files);
      counted.finish();
      return checked(files);
    } catch (IOException | RuntimeException failure) {
      discard(files, failure);
      throw failure;
    }
  }

  /** Refuses a body of more bytes than an upload may have. */
  public void checkLength(long bytes) {
    if (bytes > limits.maxBytes()) {
      throw tooLarge(limits.maxBytes());
    }
  }

  /** The refusal of an upload over {@code limit} bytes. */
  static MillraceException tooLarge(long limit) {
    return MillraceException.of(
        ErrorCode.PAYLOAD_TOO_LARGE, "the upload is over the limit of %d bytes", limit);
  }

  private void stage(UploadBody body, Map<String, StagedBlob> files) throws IOException {
    var head = body.readNBytes(TarReader.BLOCK);
    if (head.length == 0) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the upload is empty (expected: one .onnx, or a plain .tar with exactly one)");
    }
    var whole = new SequenceInputStream(new ByteArrayInputStream(head), body);
    if (TarReader.begins(head)) {
      stageEntries(new TarReader(whole), files);
      return;
    }
    refuseCompressed(head);
    var blob = blobs.stage();
    files.put(MODEL_FILE, blob);
    blob.writeAll(whole);
  }

  private void stageEntries(TarReader tar, Map<String, StagedBlob> files) throws IOException {
    for (var entry = tar.next(); entry != null; entry = tar.next()) {
      var name = plainName(entry.name());
      if (files.keySet().stream().anyMatch(name::equalsIgnoreCase)) {
        // Also case twins: some file systems of runtimes cannot hold both.
        throw bad("entry '%s' comes twice".formatted(name));
      }
      if (files.size() == limits.maxFiles()) {
        throw bad("it holds more than %d files".formatted(limits.maxFiles()));
      }
      checkLength(entry.size());
      var blob = blobs.stage();
      files.put(name, blob);
      blob.writeAll(tar.content());
    }
  }

  private static String plainName(String entry) {
    var name = entry.startsWith("./") ? entry.substring(2) : entry;
    if (!FILE_NAME.matcher(name).matches() || name.contains("..")) {
      throw bad(
          "entry '%s' is not a plain file name (at most 128 letters, digits and . _ + @ = , -)"
              .formatted(NameRule.quoted(entry)));
    }
    return name;
  }

  private static StagedBundle checked(Map<String, StagedBlob> files) throws IOException {
    var modelFile = modelFile(files);
    var model = model(files, modelFile);
    for (var external : model.externalFiles()) {
      if (!files.containsKey(external)) {
        throw MillraceException.of(
            ErrorCode.INVALID_ARGUMENT,
            "the model keeps weights in '%s', which is not a file of the upload (expected: a .tar"
                + " with %s and the plain files it names)",
            NameRule.quoted(external),
            modelFile);
      }
    }
    var artifacts = new ArrayList<Artifact>(files.size());
    for (var file : files.entrySet()) {
      artifacts.add(new Artifact(file.getKey(), file.getValue().digest(), file.getValue().size()));
    }
    return new StagedBundle(files, artifacts, model, manifest(files, model));
  }

  private static String modelFile(Map<String, StagedBlob> files) {
    List<String> models =
        files.keySet().stream()
            .filter(it -> it.toLowerCase(Locale.ROOT).endsWith(".onnx"))
            .toList();
    if (models.size() != 1) {
      throw bad(
          models.isEmpty()
              ? "it holds no .onnx file"
              : "it holds several .onnx files: " + String.join(", ", models));
    }
    return models.get(0);
  }

  private static OnnxModel model(Map<String, StagedBlob> files, String name) throws IOException {
    var file = files.get(name);
    if (file == null) {
      throw new IllegalStateException(name);
    }
    try (var content = new BufferedInputStream(file.open())) {
      return OnnxSignatureReader.read(content, file.size());
    }
  }

  private static ModelManifest manifest(Map<String, StagedBlob> files, OnnxModel model)
      throws IOException {
    var file = files.get(ManifestRules.FILE);
    if (file == null) {
      return ModelManifest.EMPTY;
    }
    if (file.size() > LARGEST_MANIFEST) {
      throw bad("%s is larger than %d bytes".formatted(ManifestRules.FILE, LARGEST_MANIFEST));
    }
    try (var content = file.open()) {
      return ManifestRules.read(content.readAllBytes(), files.keySet(), model.signature());
    }
  }

  private static void refuseCompressed(byte[] head) {
    if (head.length > 3 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4) {
      throw bad("it is a zip");
    }
    if (head.length > 1 && (head[0] & 0xff) == 0x1f && (head[1] & 0xff) == 0x8b) {
      throw bad("it is compressed with gzip");
    }
  }

  private static void discard(Map<String, StagedBlob> files, Exception because) {
    for (var file : files.values()) {
      try {
        file.close();
      } catch (IOException second) {
        because.addSuppressed(second);
      }
    }
  }

  private static MillraceException bad(String why) {
    return MillraceException.of(
        ErrorCode.INVALID_ARGUMENT,
        "bad bundle: " + why + " (expected: one .onnx, or a plain .tar with exactly one)");
  }
}
