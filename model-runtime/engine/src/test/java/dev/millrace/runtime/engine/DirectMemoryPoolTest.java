package dev.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.runtime.engine.DirectMemoryPool.Block;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class DirectMemoryPoolTest {
  private final DirectMemoryPool pool = new DirectMemoryPool(4_096);

  @Test
  void givesExactlyTheBytesAskedForFromAPowerOfTwo() {
    Block block = pool.acquire(1_025);

    assertThat(block.buffer().isDirect()).isTrue();
    assertThat(block.buffer().order()).isEqualTo(ByteOrder.nativeOrder());
    assertThat(block.buffer().remaining()).isEqualTo(1_025);
    assertThat(pool.outstandingBytes()).isEqualTo(2_048);
  }

  @Test
  void usesMemoryAgain() {
    Block first = pool.acquire(100);
    first.buffer().put(0, (byte) 42);
    first.release();
    first.release();
    assertThat(pool.retainedBytes()).isEqualTo(1_024);
    assertThat(pool.outstandingBytes()).isZero();

    assertThat(pool.acquire(700).buffer().get(0)).isEqualTo((byte) 42);
    assertThat(pool.retainedBytes()).isZero();
  }

  @Test
  void keepsNoMoreThanItMay() {
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      blocks.add(pool.acquire(1_024));
    }
    blocks.forEach(Block::release);

    assertThat(pool.retainedBytes()).isEqualTo(4_096);
    assertThat(pool.outstandingBytes()).isZero();
  }

  @Test
  void refusesWhatNoBufferCanHold() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pool.acquire(1L << 31))
        .withMessage("bytes: 2147483648 (expected: between 0 and 2 GiB)");
    assertThatIllegalArgumentException().isThrownBy(() -> pool.acquire(-1));
    assertThat(pool.acquire(0).buffer().remaining()).isZero();
  }

  @Test
  void neverGivesOneBlockToTwo() throws Exception {
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int owner = i;
      tasks.add(() -> writeAndRead(owner));
    }
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (var task : threads.invokeAll(tasks)) {
        task.get();
      }
    }
    assertThat(pool.outstandingBytes()).isZero();
  }

  private Void writeAndRead(int owner) {
    var random = new Random(owner);
    for (int i = 0; i < 20_000; i++) {
      Block block = pool.acquire(8 + random.nextInt(3_000));
      long mark = owner * 1_000_000L + i;
      block.buffer().putLong(0, mark);
      Thread.onSpinWait();
      if (block.buffer().getLong(0) != mark) {
        throw new AssertionError("a block was given to two owners");
      }
      block.release();
    }
    return null;
  }

  @Test
  void abandonedMemoryIsNotUsedAgain() {
    var pool = new DirectMemoryPool(1 << 20);
    var block = pool.acquire(2000);
    var buffer = block.buffer();

    block.abandon();
    block.release();

    assertThat(pool.outstandingBytes()).isZero();
    assertThat(pool.retainedBytes()).isZero();
    assertThat(pool.acquire(2000).buffer()).isNotSameAs(buffer);
  }
}
