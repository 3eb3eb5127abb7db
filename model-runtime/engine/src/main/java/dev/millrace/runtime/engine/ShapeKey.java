package dev.millrace.runtime.engine;

import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What must be equal for requests to be executed together: every dimension but the batch axis (and
 * the length, if the batch is padded), and the content of inputs that have no batch axis. Contents
 * are copied, since a key outlives its request in the queue.
 */
final class ShapeKey {
  private final long[] dimensions;
  private final byte[] shared;
  private final int hash;

  private ShapeKey(long[] dimensions, byte[] shared) {
    this.dimensions = dimensions;
    this.shared = shared;
    this.hash = 31 * Arrays.hashCode(dimensions) + Arrays.hashCode(shared);
  }

  /**
   * The key of a request.
   *
   * @param padding whose length may differ; null when every dimension must be equal
   */
  static ShapeKey of(
      List<TensorSignature> signature, List<Tensor> tensors, @Nullable PaddingPlan padding) {
    int ranks = 0;
    int sharedBytes = 0;
    for (int i = 0; i < tensors.size(); i++) {
      ranks += tensors.get(i).rank();
      if (signature.get(i).batchAxis() == null) {
        sharedBytes = Math.addExact(sharedBytes, tensors.get(i).byteSize());
      }
    }
    var dimensions = new long[ranks];
    var shared = new byte[sharedBytes];
    int rank = 0;
    int offset = 0;
    for (int i = 0; i < tensors.size(); i++) {
      Tensor tensor = tensors.get(i);
      Integer batchAxis = signature.get(i).batchAxis();
      for (int axis = 0; axis < tensor.rank(); axis++) {
        boolean open =
            (batchAxis != null && batchAxis == axis)
                || (padding != null && padding.isLength(i, axis));
        dimensions[rank++] = open ? -1 : tensor.shape()[axis];
      }
      if (batchAxis == null) {
        tensor.data().get(shared, offset, tensor.byteSize());
        offset += tensor.byteSize();
      }
    }
    return new ShapeKey(dimensions, shared);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ShapeKey that
        && hash == that.hash
        && Arrays.equals(dimensions, that.dimensions)
        && Arrays.equals(shared, that.shared);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return Arrays.toString(dimensions);
  }
}
