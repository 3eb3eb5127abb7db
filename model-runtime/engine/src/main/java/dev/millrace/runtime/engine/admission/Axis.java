package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Cuts and joins tensors along one axis, by copying. Pure. */
final class Axis {
  private Axis() {}

  /** The tensors one after the other; they are equal in all other dimensions. */
  static Tensor join(List<Tensor> parts, int axis) {
    Tensor first = parts.get(0);
    long[] shape = first.shape().clone();
    shape[axis] = parts.stream().mapToLong(part -> part.shape()[axis]).sum();
    if (!first.datatype().fixedSize()) {
      return joinStrings(parts, axis, shape);
    }
    ByteBuffer whole = room(first, shape);
    long outer = product(shape, 0, axis);
    for (long block = 0; block < outer; block++) {
      for (Tensor part : parts) {
        int bytes = Math.toIntExact(part.byteSize() / outer);
        whole.put(part.data().slice(Math.toIntExact(block * bytes), bytes));
      }
    }
    return new Tensor(first.name(), first.datatype(), shape, whole.flip());
  }

  /** The part from {@code from} on. */
  static Tensor slice(Tensor tensor, int axis, long from, long count) {
    if (!tensor.datatype().fixedSize()) {
      return sliceStrings(tensor, axis, from, count);
    }
    long[] shape = tensor.shape().clone();
    long inner = product(shape, axis + 1, shape.length) * tensor.datatype().byteSize();
    long stride = shape[axis] * inner;
    shape[axis] = count;
    ByteBuffer part = room(tensor, shape);
    long outer = product(shape, 0, axis);
    for (long block = 0; block < outer; block++) {
      long start = block * stride + from * inner;
      part.put(tensor.data().slice(Math.toIntExact(start), Math.toIntExact(count * inner)));
    }
    return new Tensor(tensor.name(), tensor.datatype(), shape, part.flip());
  }

  private static Tensor joinStrings(List<Tensor> parts, int axis, long[] shape) {
    long outer = product(shape, 0, axis);
    List<List<ByteBuffer>> elements = parts.stream().map(Tensors::elements).toList();
    var whole = new ArrayList<byte[]>();
    for (int block = 0; block < outer; block++) {
      for (List<ByteBuffer> part : elements) {
        int count = Math.toIntExact(part.size() / outer);
        part.subList(block * count, (block + 1) * count)
            .forEach(element -> whole.add(copy(element)));
      }
    }
    return Tensors.bytes(parts.get(0).name(), whole, shape);
  }

  private static Tensor sliceStrings(Tensor tensor, int axis, long from, long count) {
    long[] shape = tensor.shape().clone();
    List<ByteBuffer> all = Tensors.elements(tensor);
    long inner = product(shape, axis + 1, shape.length);
    long stride = shape[axis] * inner;
    shape[axis] = count;
    var part = new ArrayList<byte[]>();
    for (long block = 0; block < product(shape, 0, axis); block++) {
      long start = block * stride + from * inner;
      all.subList(Math.toIntExact(start), Math.toIntExact(start + count * inner))
          .forEach(element -> part.add(copy(element)));
    }
    return Tensors.bytes(tensor.name(), part, shape);
  }

  private static byte[] copy(ByteBuffer element) {
    var bytes = new byte[element.remaining()];
    element.get(element.position(), bytes);
    return bytes;
  }

  private static ByteBuffer room(Tensor like, long[] shape) {
    long bytes = product(shape, 0, shape.length) * like.datatype().byteSize();
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long product(long[] shape, int from, int to) {
    long product = 1;
    for (int axis = from; axis < to; axis++) {
      product *= shape[axis];
    }
    return product;
  }
}
