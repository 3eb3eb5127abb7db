package dev.millrace.runtime.engine;

import org.jspecify.annotations.Nullable;

/**
 * The output memory of one batch, given back when the last of its results is closed. Results may be
 * closed on any thread.
 */
final class SharedBlocks {
  private DirectMemoryPool.@Nullable Block blocks;
  private int users;

  SharedBlocks(int users) {
    this.users = users;
  }

  /** Adds memory; only before the first result is handed out. */
  DirectMemoryPool.Block add(DirectMemoryPool.Block block) {
    blocks = block.before(blocks);
    return block;
  }

  /** One user less. */
  void release() {
    if (isLast()) {
      releaseAll();
    }
  }

  private synchronized boolean isLast() {
    return --users == 0;
  }

  /** Gives everything back at once, when no result will be handed out. */
  void releaseAll() {
    DirectMemoryPool.Block.releaseAll(blocks);
  }
}
