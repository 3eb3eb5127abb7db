package dev.millrace.runtime.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** One output of a whole batch, and how a request's part is cut out of it. */
sealed interface OutputData {
  /** What the signature says about the output. */
  TensorSignature signature();

  /** The shape of the whole output as it came; not to be changed. */
  long[] shape();

  /** The part of a request as a tensor that stays valid after the call. */
  Tensor part(long firstRow, long rows, long totalRows, Cutter cutter);

  /** The part of a request that is shorter than its padded batch. */
  Tensor part(Box box, long[] partShape, Cutter cutter);

  /** The whole output, when there is only one request. */
  Tensor whole();

  /** Gives memory for parts that do not lie in one piece. */
  @FunctionalInterface
  interface Cutter {
    ByteBuffer acquire(long bytes);
  }

  /** Reads an output that ONNX Runtime owns, by one copy to the heap. */
  static OutputData copyOf(TensorSignature signature, OnnxValue value)
      throws OrtException, ModelExecutionException {
    if (!(value instanceof OnnxTensor tensor)) {
      throw new ModelExecutionException(
          ModelExecutionException.Kind.FAILED,
          "output '%s' is no tensor".formatted(signature.name()));
    }
    long[] shape = tensor.getInfo().getShape();
    if (signature.datatype() == DataType.BYTES) {
      return new Text(signature, shape, flatten(tensor.getValue(), shape));
    }
    return new Numbers(signature, shape, tensor.getByteBuffer());
  }

  /** What {@link #copyOf} would copy, without copying it where that can be told. */
  static long bytesOf(TensorSignature signature, OnnxValue value)
      throws OrtException, ModelExecutionException {
    return value instanceof OnnxTensor tensor && signature.datatype().fixedSize()
        ? tensor.getInfo().getNumElements() * signature.datatype().byteSize()
        : copyOf(signature, value).whole().byteSize();
  }

  /**
   * Checks that a batch came back as a batch.
   *
   * @throws ModelExecutionException FAILED when the output's batch axis has another size
   */
  static void requireRows(TensorSignature signature, long[] shape, long rows)
      throws ModelExecutionException {
    Integer axis = signature.batchAxis();
    if (axis == null || axis >= shape.length || shape[axis] != rows) {
      throw new ModelExecutionException(
          ModelExecutionException.Kind.FAILED,
          "output '%s' has the shape %s for a batch of %d rows (expected: %s)"
              .formatted(signature.name(), Arrays.toString(shape), rows, signature.shape()));
    }
  }

  /** Elements of a fixed size. */
  record Numbers(TensorSignature signature, long[] shape, ByteBuffer data) implements OutputData {
    @Override
    public Tensor whole() {
      return new Tensor(signature.name(), signature.datatype(), shape, data);
    }

    @Override
    public Tensor part(long firstRow, long rows, long totalRows, Cutter cutter) {
      int axis = axisOf(signature);
      Strides strides = Strides.of(shape, axis, signature.datatype().byteSize());
      ByteBuffer part;
      if (strides.contiguous()) {
        part =
            data.slice(
                Math.toIntExact(strides.size(firstRow)), Math.toIntExact(strides.size(rows)));
      } else {
        part = cutter.acquire(strides.size(rows));
        strides.scatter(data, firstRow, totalRows, part, rows);
      }
      return new Tensor(signature.name(), signature.datatype(), shapeOf(shape, axis, rows), part);
    }

    @Override
    public Tensor part(Box box, long[] partShape, Cutter cutter) {
      ByteBuffer part;
      if (box.contiguous()) {
        part = data.slice(box.offset(), Math.toIntExact(box.size()));
      } else {
        part = cutter.acquire(box.size());
        int start = part.position();
        box.forEachRun((from, to, length) -> part.put(start + to, data, from, length));
      }
      return new Tensor(signature.name(), signature.datatype(), partShape, part);
    }
  }

  /** Strings. */
  record Text(TensorSignature signature, long[] shape, String[] elements) implements OutputData {
    @Override
    public Tensor whole() {
      return new Tensor(signature.name(), DataType.BYTES, shape, TensorBytes.ofStrings(elements));
    }

    @Override
    public Tensor part(long firstRow, long rows, long totalRows, Cutter cutter) {
      int axis = axisOf(signature);
      String[] part = Strides.of(shape, axis, 1).scatter(elements, firstRow, totalRows, rows);
      return new Tensor(
          signature.name(),
          DataType.BYTES,
          shapeOf(shape, axis, rows),
          TensorBytes.ofStrings(part));
    }

    @Override
    public Tensor part(Box box, long[] partShape, Cutter cutter) {
      var part = new String[Math.toIntExact(box.size())];
      box.forEachRun((from, to, length) -> System.arraycopy(elements, from, part, to, length));
      return new Tensor(signature.name(), DataType.BYTES, partShape, TensorBytes.ofStrings(part));
    }
  }

  private static int axisOf(TensorSignature signature) {
    Integer axis = signature.batchAxis();
    if (axis == null) {
      throw new IllegalStateException("output '" + signature.name() + "' has no batch axis");
    }
    return axis;
  }

  private static long[] shapeOf(long[] batch, int axis, long rows) {
    long[] shape = batch.clone();
    shape[axis] = rows;
    return shape;
  }

  private static String[] flatten(Object value, long[] shape) {
    long count = 1;
    for (long dimension : shape) {
      count *= dimension;
    }
    var flat = new String[Math.toIntExact(count)];
    int end = flatten(value, flat, 0);
    if (end != flat.length) {
      throw new IllegalStateException("a string output has " + end + " of " + flat.length);
    }
    return flat;
  }

  private static int flatten(Object value, String[] flat, int start) {
    if (value instanceof Object[] elements) {
      int index = start;
      for (Object element : elements) {
        index = flatten(element, flat, index);
      }
      return index;
    }
    flat[start] = String.valueOf(value);
    return start + 1;
  }
}
