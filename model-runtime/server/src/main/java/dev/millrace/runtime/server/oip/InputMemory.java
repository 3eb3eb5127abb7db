package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.tensor.TensorMemory;
import dev.millrace.runtime.engine.DirectMemoryPool;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The pooled memory of one call's inputs. It serves another call only after a result, which comes
 * after the last look at the inputs; of a call that failed or was given up it goes to the garbage
 * collector, since a run may still read it. Confined to one call, whose steps follow one another.
 */
final class InputMemory implements TensorMemory {
  private final DirectMemoryPool pool;
  private final List<DirectMemoryPool.Block> blocks = new ArrayList<>(1);

  InputMemory(DirectMemoryPool pool) {
    this.pool = pool;
  }

  @Override
  public ByteBuffer allocate(int bytes) {
    DirectMemoryPool.Block block = pool.acquire(bytes);
    blocks.add(block);
    return block.buffer();
  }

  /**
   * The call is over; later calls of this do nothing.
   *
   * @param read whether nobody reads the inputs any more
   */
  void end(boolean read) {
    for (DirectMemoryPool.Block block : blocks) {
      if (read) {
        block.release();
      } else {
        block.abandon();
      }
    }
    blocks.clear();
  }
}
