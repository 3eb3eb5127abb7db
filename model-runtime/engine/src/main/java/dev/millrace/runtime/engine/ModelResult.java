package dev.millrace.runtime.engine;

import dev.millrace.protocol.tensor.Tensor;
import java.util.Collections;
import java.util.List;

/**
 * The outputs of one request, and the memory they are in.
 *
 * <p>Ownership: whoever gets a result closes it after the last byte of its tensors has been read
 * (encoded or sent); the memory then serves another batch, so a tensor must not be read after that.
 * A result that is never closed leaks nothing for good: the garbage collector frees its memory,
 * only reuse is lost. Requests of one batch share memory and may be closed in any order.
 */
public final class ModelResult implements AutoCloseable {
  private final List<Tensor> outputs;
  private final SharedBlocks memory;
  private boolean closed;

  ModelResult(List<Tensor> outputs, SharedBlocks memory) {
    this.outputs = Collections.unmodifiableList(outputs);
    this.memory = memory;
  }

  /** Outputs in memory that the garbage collector owns; closing the result does nothing. */
  public static ModelResult ofHeap(List<Tensor> outputs) {
    return new ModelResult(outputs, new SharedBlocks(1));
  }

  /** The outputs in the order the request asked for. */
  public List<Tensor> outputs() {
    return outputs;
  }

  /**
   * The first outputs alone, in the same memory: it is given back by closing what this returns, and
   * this result is not closed any more.
   *
   * @param count at least 0, at most all
   */
  public ModelResult first(int count) {
    return count == outputs.size() ? this : new ModelResult(outputs.subList(0, count), memory);
  }

  /** Gives the memory back; later calls do nothing. Thread-safe. */
  @Override
  public void close() {
    if (isFirst()) {
      memory.release();
    }
  }

  private synchronized boolean isFirst() {
    boolean first = !closed;
    closed = true;
    return first;
  }
}
