package dev.millrace.runtime.server.body;

import dev.millrace.runtime.engine.DirectMemoryPool;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One body with binary tensor data, collected in pooled direct memory so that its first tensor
 * begins where ONNX Runtime can read it in place. A client's announcement is not trusted with more
 * than {@link #FIRST_BLOCK} in advance: the memory grows as bytes come.
 *
 * <p>Filled by one thread; {@link #end} may be called from any, also more than once.
 */
public final class BinaryBody {
  /** No vector instruction wants more; the pool's blocks are aligned to 16 at least. */
  private static final int ALIGNMENT = 16;

  private static final int FIRST_BLOCK = 1 << 20;

  private final DirectMemoryPool pool;
  private final long announced;

  /** Where the body begins in its block, so that what follows the JSON part is aligned. */
  private final int start;

  private DirectMemoryPool.Block block;
  private int size;

  /**
   * An empty one.
   *
   * @param announced bytes that will come, as the client says
   * @param jsonLength bytes of the part before the first tensor
   */
  BinaryBody(DirectMemoryPool pool, long announced, int jsonLength) {
    this.pool = pool;
    this.announced = announced;
    this.start = -jsonLength & ALIGNMENT - 1;
    this.block = pool.acquire(start + Math.min(announced, FIRST_BLOCK));
  }

  /** Appends the readable bytes of {@code chunk}, which is left as it is. */
  public void add(ByteBuf chunk) {
    int length = chunk.readableBytes();
    ensure((long) start + size + length);
    chunk.getBytes(chunk.readerIndex(), block.buffer().slice(start + size, length));
    size += length;
  }

  private void ensure(long needed) {
    ByteBuffer full = block.buffer();
    if (needed <= full.limit()) {
      return;
    }
    long doubled = Math.max(needed, Math.min(2L * full.limit(), start + announced));
    DirectMemoryPool.Block larger = pool.acquire(doubled);
    larger.buffer().put(0, full, 0, start + size);
    block.release();
    block = larger;
  }

  /** How many bytes came so far. */
  public int size() {
    return size;
  }

  /** What came so far; valid until {@link #end}. */
  public ByteBuffer bytes() {
    return block.buffer().slice(start, size);
  }

  /**
   * The call needs the body no more; later calls of this do nothing.
   *
   * @param read whether nobody else reads it any more either: a run that was given up may, and then
   *     the memory goes to the garbage collector instead of the next call
   */
  public void end(boolean read) {
    if (read) {
      block.release();
    } else {
      block.abandon();
    }
  }

  /** Ends {@code body}, if there is one, as {@link #end} does. */
  public static void end(@Nullable BinaryBody body, boolean read) {
    if (body != null) {
      body.end(read);
    }
  }
}
