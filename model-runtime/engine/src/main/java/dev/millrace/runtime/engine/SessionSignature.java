package dev.millrace.runtime.engine;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.millrace.protocol.control.BatchAxes;
import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Reads a signature from a session, in the model's own order. */
final class SessionSignature {
  private SessionSignature() {}

  /**
   * The signature with batch axes.
   *
   * @throws ModelLoadException when an input or output is no tensor or of a type without a datatype
   */
  static Signature of(OrtSession session) throws OrtException, ModelLoadException {
    return BatchAxes.detect(
        new Signature(
            tensors("input", session.getInputInfo().values()),
            tensors("output", session.getOutputInfo().values())));
  }

  private static List<TensorSignature> tensors(String role, Collection<NodeInfo> nodes)
      throws ModelLoadException {
    var tensors = new ArrayList<TensorSignature>(nodes.size());
    for (NodeInfo node : nodes) {
      if (!(node.getInfo() instanceof TensorInfo info)) {
        throw new ModelLoadException(
            "%s '%s' is a %s (expected: a tensor)"
                .formatted(
                    role,
                    node.getName(),
                    node.getInfo()
                        .getClass()
                        .getSimpleName()
                        .replace("Info", "")
                        .toLowerCase(java.util.Locale.ROOT)));
      }
      DataType type =
          OrtTypes.dataType(info.onnxType)
              .orElseThrow(
                  () ->
                      new ModelLoadException(
                          "%s '%s' has the element type %s, which has no datatype in the Open"
                                  .formatted(role, node.getName(), typeName(info))
                              + " Inference Protocol"));
      tensors.add(new TensorSignature(node.getName(), type, shape(info), null));
    }
    return tensors;
  }

  private static List<Dimension> shape(TensorInfo info) {
    long[] sizes = info.getShape();
    String[] names = info.getDimensionNames();
    var shape = new ArrayList<Dimension>(sizes.length);
    for (int axis = 0; axis < sizes.length; axis++) {
      shape.add(sizes[axis] >= 0 ? Dimension.fixed(sizes[axis]) : Dimension.named(names[axis]));
    }
    return shape;
  }

  private static String typeName(TensorInfo info) {
    return info.onnxType.name().replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", "");
  }
}
