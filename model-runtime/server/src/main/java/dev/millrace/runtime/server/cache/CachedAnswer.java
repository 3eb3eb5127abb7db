package dev.millrace.runtime.server.cache;

import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What was computed and may be given again: heap memory of its own, never to be changed. */
public sealed interface CachedAnswer {
  /** What it holds in memory, its objects included; an estimate that is rather too high. */
  long bytes();

  /** The outputs of a tensor request, in the order they were asked for. */
  record Tensors(List<Tensor> outputs) implements CachedAnswer {
    /** Tensor, buffer, array and list slot. */
    private static final long EACH = 184;

    /** Copies outputs out of memory that serves other batches afterwards. */
    public static Tensors copyOf(List<Tensor> outputs) {
      List<Tensor> copies = new ArrayList<>(outputs.size());
      for (Tensor output : outputs) {
        ByteBuffer data = output.data();
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        copies.add(
            new Tensor(
                output.name(),
                output.datatype(),
                output.shape(),
                ByteBuffer.wrap(bytes),
                output.parameters()));
      }
      return new Tensors(List.copyOf(copies));
    }

    @Override
    public long bytes() {
      long sum = 0;
      for (Tensor output : outputs) {
        sum += EACH + 8L * output.rank() + output.byteSize();
      }
      return sum;
    }
  }

  /**
   * What a model said of one text.
   *
   * @param values a vector, pooled and normalised, or logits; whoever changes them copies them
   *     first
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Numbers(float[] values) implements CachedAnswer {
    @Override
    public long bytes() {
      return 40 + 4L * values.length;
    }
  }
}
