package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.runtime.engine.SyntheticInputs;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/**
 * Rows of varied contents made from a signature, the same ones each time. Floats are uniform in
 * [-1, 1), masks are ones, token ids are below {@code idRange} since nobody knows the vocabulary,
 * other integers are 0 or 1. Inputs without a batch axis are equal in all rows. Beyond some
 * megabytes contents repeat themselves: nobody can tell, and more chance would take longer than the
 * model. Pure.
 *
 * @param freeSize size of free dimensions besides batch and length
 * @param idRange token ids are below it, at least 1; 1 makes every input what {@link
 *     SyntheticInputs} makes: zeros and ones
 */
record ProbeInputs(Signature signature, Optional<LengthAxis> length, int freeSize, int idRange) {
  /** As for {@link SyntheticInputs}: beyond it, a probe becomes a load test. */
  private static final long MAX_BYTES = 256L << 20;

  /** Of chance in one tensor; a multiple of every element's size. */
  private static final int MOST_VARIED = 4 << 20;

  /**
   * The inputs of one row.
   *
   * @param row rows of other numbers have other contents
   * @param size of the length axis
   * @return empty when a datatype cannot be made or the row would be huge
   */
  Optional<List<Tensor>> row(int row, int size) {
    int free = length.isPresent() ? size : freeSize;
    Optional<List<Tensor>> plain = SyntheticInputs.of(signature, 1, free);
    return plain.map(tensors -> idRange == 1 ? tensors : varied(tensors, row));
  }

  /** Rows joined to one batch; empty as above, or when the batch would be huge. */
  Optional<List<Tensor>> batch(int first, int rows, int size) {
    var singles = new ArrayList<List<Tensor>>(rows);
    long bytes = 0;
    for (int row = first; row < first + rows; row++) {
      Optional<List<Tensor>> single = row(row, size);
      if (single.isEmpty()) {
        return Optional.empty();
      }
      bytes += single.get().stream().mapToLong(Tensor::byteSize).sum();
      if (bytes > MAX_BYTES) {
        return Optional.empty();
      }
      singles.add(single.get());
    }
    return Optional.of(joined(singles));
  }

  /** One batch of rows that differ in contents only. */
  List<Tensor> joined(List<List<Tensor>> rows) {
    var batch = new ArrayList<Tensor>(signature.inputs().size());
    for (int i = 0; i < signature.inputs().size(); i++) {
      int input = i;
      Integer axis = signature.inputs().get(i).batchAxis();
      batch.add(
          axis == null
              ? rows.get(0).get(i)
              : Axis.join(rows.stream().map(row -> row.get(input)).toList(), axis));
    }
    return batch;
  }

  /** Whether rows can be told apart and joined: strings and unknown types cannot. */
  boolean comparable() {
    return idRange > 1
        && signature.inputs().stream().noneMatch(input -> input.datatype() == DataType.BYTES);
  }

  private List<Tensor> varied(List<Tensor> plain, int row) {
    var tensors = new ArrayList<Tensor>(plain.size());
    for (int i = 0; i < plain.size(); i++) {
      TensorSignature input = signature.inputs().get(i);
      Tensor tensor = plain.get(i);
      String name = input.name().toLowerCase(Locale.ROOT);
      if (tensor.datatype() == DataType.BYTES || name.contains("mask")) {
        tensors.add(tensor);
        continue;
      }
      int contents = input.batchAxis() == null ? 0 : row + 1;
      var random = new Random(31L * name.hashCode() + contents);
      // Into the zeros that are there: one row of the largest models is as much as there may be.
      ByteBuffer data = tensor.data().order(ByteOrder.LITTLE_ENDIAN);
      int range = range(input, name);
      int end = Math.min(data.limit(), MOST_VARIED);
      while (data.position() < end) {
        Elements.put(data, tensor.datatype(), value(random, tensor.datatype(), range));
      }
      while (data.hasRemaining()) {
        data.put(data.slice(0, Math.min(data.remaining(), end)));
      }
      tensors.add(new Tensor(tensor.name(), tensor.datatype(), tensor.shape(), data.flip()));
    }
    return tensors;
  }

  /** Token ids run along the length axis; types and segments do too, but are 0 or 1. */
  private int range(TensorSignature input, String name) {
    boolean ids =
        length.isPresent()
            && length.get().axes().containsKey(input.name())
            && !name.contains("type")
            && !name.contains("segment");
    return ids ? idRange : Math.min(idRange, 2);
  }

  private static double value(Random random, DataType type, int range) {
    return switch (type) {
      case FP16, BF16, FP32, FP64 -> random.nextDouble() * 2 - 1;
      case UINT8 -> random.nextInt(256);
      case BOOL -> random.nextInt(2);
      default -> random.nextInt(range);
    };
  }
}
