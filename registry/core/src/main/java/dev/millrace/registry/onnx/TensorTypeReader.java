package dev.millrace.registry.onnx;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.registry.model.NameRule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one {@code ValueInfoProto}: the name, element type and shape of an input or output. */
final class TensorTypeReader {
  private static final int MOST_DIMENSIONS = 64;

  /** By number of {@code TensorProto.DataType}; what is missing cannot be served. */
  private static final @Nullable DataType[] TYPES = {
    null,
    DataType.FP32,
    DataType.UINT8,
    DataType.INT8,
    DataType.UINT16,
    DataType.INT16,
    DataType.INT32,
    DataType.INT64,
    DataType.BYTES,
    DataType.BOOL,
    DataType.FP16,
    DataType.FP64,
    DataType.UINT32,
    DataType.UINT64,
    null,
    null,
    DataType.BF16
  };

  private final OnnxInput in;
  private final List<Dimension> shape = new ArrayList<>();
  private String name = "";
  private long elementType;
  private boolean tensor;
  private boolean hasShape;

  private TensorTypeReader(OnnxInput in) {
    this.in = in;
  }

  static TensorSignature read(OnnxInput in, String kind, Set<String> weights) throws IOException {
    var reader = new TensorTypeReader(in);
    in.message(reader::valueField);
    return reader.signature(kind, weights.contains(reader.name));
  }

  private TensorSignature signature(String kind, boolean weight) {
    if (weight) {
      // It is dropped later: a weight of a type we cannot serve is no reason to refuse the model.
      return new TensorSignature(name, DataType.FP32, List.of(), null);
    }
    if (!tensor) {
      throw unsupported(
          kind,
          "is not a dense tensor (expected: a tensor; classifiers exported with ZipMap need"
              + " zipmap=False)");
    }
    if (kind.equals("input") && !hasShape) {
      throw unsupported(kind, "declares no shape (expected: at least its number of dimensions)");
    }
    var type = elementType >= 0 && elementType < TYPES.length ? TYPES[(int) elementType] : null;
    if (type == null) {
      throw unsupported(
          kind,
          "has element type %d of ONNX (expected: a bool, integer, float or string type)"
              .formatted(elementType));
    }
    return new TensorSignature(name, type, shape, null);
  }

  private boolean valueField(int field, int wireType) throws IOException {
    if (field == 1) {
      name = in.text();
      return true;
    }
    if (field == 2) {
      in.message(this::typeField);
      return true;
    }
    return false;
  }

  private boolean typeField(int field, int wireType) throws IOException {
    if (field != 1) {
      return false;
    }
    tensor = true;
    in.message(this::tensorField);
    return true;
  }

  private boolean tensorField(int field, int wireType) throws IOException {
    if (field == 1) {
      elementType = in.number();
      return true;
    }
    if (field == 2) {
      hasShape = true;
      in.message(this::shapeField);
      return true;
    }
    return false;
  }

  private boolean shapeField(int field, int wireType) throws IOException {
    if (field != 1) {
      return false;
    }
    if (shape.size() == MOST_DIMENSIONS) {
      throw OnnxInput.malformed("a shape has more than %d dimensions".formatted(MOST_DIMENSIONS));
    }
    var size = new long[] {-1};
    var symbol = new String[] {""};
    in.message(
        (f, w) -> {
          if (f == 1) {
            size[0] = in.number();
          } else if (f == 2) {
            symbol[0] = in.text();
          } else {
            return false;
          }
          return true;
        });
    shape.add(dimension(size[0], symbol[0]));
    return true;
  }

  private static Dimension dimension(long size, String symbol) {
    return symbol.isEmpty() && size >= 0 ? Dimension.fixed(size) : Dimension.named(symbol);
  }

  private MillraceException unsupported(String kind, String why) {
    return MillraceException.of(
        ErrorCode.INVALID_ARGUMENT,
        "unsupported ONNX model: %s '%s' %s".formatted(kind, NameRule.quoted(name), why));
  }
}
