package dev.millrace.runtime.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Direct memory for reuse, in size classes of powers of two. Allocation by the JDK zeroes the
 * memory and registers a cleaner, which costs more than a small batch; a reused block is neither
 * zeroed nor registered, so its first content is whatever was there.
 *
 * <p>Thread-safe. Keeps at most {@code maxRetainedBytes}; what is in use is not bounded here but by
 * the queues in front.
 */
public final class DirectMemoryPool {
  /** Below this every block is equal: smaller classes would only scatter the free ones. */
  private static final int MIN_BLOCK_BITS = 10;

  private static final int MAX_BLOCK_BITS = 30;

  private final long maxRetainedBytes;
  private final Deque<ByteBuffer>[] free;
  private final AtomicLong retained = new AtomicLong();
  private final AtomicLong outstanding = new AtomicLong();

  /** A pool that keeps at most {@code maxRetainedBytes}; 0 keeps nothing. */
  @SuppressWarnings("unchecked")
  public DirectMemoryPool(long maxRetainedBytes) {
    EngineOptions.require(
        maxRetainedBytes >= 0, "maxRetainedBytes", maxRetainedBytes, "not negative");
    this.maxRetainedBytes = maxRetainedBytes;
    this.free = new Deque[MAX_BLOCK_BITS - MIN_BLOCK_BITS + 1];
    for (int i = 0; i < free.length; i++) {
      free[i] = new ArrayDeque<>();
    }
  }

  /**
   * A block of exactly {@code bytes} bytes with arbitrary content.
   *
   * @throws IllegalArgumentException when negative or more than a buffer can hold (2 GiB)
   */
  public Block acquire(long bytes) {
    EngineOptions.require(
        bytes >= 0 && bytes <= Integer.MAX_VALUE - 8, "bytes", bytes, "between 0 and 2 GiB");
    int bits = Math.max(MIN_BLOCK_BITS, 64 - Long.numberOfLeadingZeros(Math.max(1, bytes - 1)));
    int sizeClass = bits - MIN_BLOCK_BITS;
    ByteBuffer whole = null;
    if (sizeClass < free.length) {
      synchronized (free[sizeClass]) {
        whole = free[sizeClass].pollFirst();
      }
    }
    if (whole != null) {
      retained.addAndGet(-whole.capacity());
    } else {
      whole = ByteBuffer.allocateDirect(sizeClass < free.length ? 1 << bits : (int) bytes);
    }
    outstanding.addAndGet(whole.capacity());
    return new Block(whole, sizeClass, (int) bytes);
  }

  /** Bytes handed out and not given back. */
  public long outstandingBytes() {
    return outstanding.get();
  }

  /** Bytes kept for reuse. */
  public long retainedBytes() {
    return retained.get();
  }

  private void giveBack(ByteBuffer whole, int sizeClass) {
    outstanding.addAndGet(-whole.capacity());
    if (sizeClass >= free.length) {
      return;
    }
    if (retained.addAndGet(whole.capacity()) > maxRetainedBytes) {
      retained.addAndGet(-whole.capacity());
      return;
    }
    synchronized (free[sizeClass]) {
      free[sizeClass].addFirst(whole);
    }
  }

  /** Memory in use. Releasing it ends every view of it. */
  public final class Block {
    private final ByteBuffer whole;
    private final int sizeClass;
    private final ByteBuffer buffer;
    private boolean released;

    /** The next one of whoever holds several; see {@link #releaseAll}. */
    private @Nullable Block next;

    private Block(ByteBuffer whole, int sizeClass, int bytes) {
      this.whole = whole;
      this.sizeClass = sizeClass;
      // The whole itself: who holds a block is the only one that holds its buffer.
      this.buffer = whole.clear().limit(bytes).order(ByteOrder.nativeOrder());
    }

    /** The bytes, in native order, from position 0 to the limit; the same object at every call. */
    public ByteBuffer buffer() {
      return buffer;
    }

    /** Gives the memory back; later calls do nothing. */
    public synchronized void release() {
      if (!released) {
        released = true;
        giveBack(whole, sizeClass);
      }
    }

    /**
     * Leaves the memory to the garbage collector, where somebody may still read it; later calls of
     * this and of {@link #release} do nothing.
     */
    public synchronized void abandon() {
      if (!released) {
        released = true;
        outstanding.addAndGet(-whole.capacity());
      }
    }

    /** Puts this one, which is in no list yet, in front of a list. */
    Block before(@Nullable Block rest) {
      next = rest;
      return this;
    }

    /** Releases a whole list. */
    static void releaseAll(@Nullable Block first) {
      for (Block block = first; block != null; block = block.next) {
        block.release();
      }
    }
  }
}
