package dev.millrace.registry.onnx;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.VersionDocument.OnnxFormat;
import java.util.Set;

/**
 * What an ONNX file says of itself.
 *
 * @param externalFiles the files outside it that hold weights, as it names them; not checked yet
 */
public record OnnxModel(OnnxFormat format, Signature signature, Set<String> externalFiles) {
  public OnnxModel {
    externalFiles = Set.copyOf(externalFiles);
  }
}
