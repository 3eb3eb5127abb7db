package dev.millrace.runtime.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The output memory of one batch, given back when the last of its results is closed. */
final class SharedBlocks {
  private final List<DirectMemoryPool.Block> blocks = new ArrayList<>(2);
  private final AtomicInteger users;

  SharedBlocks(int users) {
    this.users = new AtomicInteger(users);
  }

  /** Adds memory; only before the first result is handed out. */
  DirectMemoryPool.Block add(DirectMemoryPool.Block block) {
    blocks.add(block);
    return block;
  }

  /** One user less. */
  void release() {
    if (users.decrementAndGet() == 0) {
      releaseAll();
    }
  }

  /** Gives everything back at once, when no result will be handed out. */
  void releaseAll() {
    blocks.forEach(DirectMemoryPool.Block::release);
  }
}
