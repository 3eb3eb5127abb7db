package dev.millrace.runtime.server.oip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.runtime.engine.DirectMemoryPool;
import org.junit.jupiter.api.Test;

class InputMemoryTest {
  private static final int BYTES = 100_000;

  private final DirectMemoryPool pool = new DirectMemoryPool(16 << 20);
  private final InputMemory memory = new InputMemory(pool);

  @Test
  void inputsThatNobodyReadsAnyMoreServeTheNextCall() {
    memory.allocate(BYTES);
    memory.allocate(BYTES);
    assertThat(pool.outstandingBytes()).isGreaterThanOrEqualTo(2 * BYTES);

    memory.end(true);

    assertThat(pool.outstandingBytes()).isZero();
    assertThat(pool.retainedBytes()).isGreaterThanOrEqualTo(2 * BYTES);
  }

  @Test
  void inputsThatARunMayStillReadServeNobody() {
    memory.allocate(BYTES);

    memory.end(false);
    memory.end(true);

    assertThat(pool.outstandingBytes()).isZero();
    assertThat(pool.retainedBytes()).isZero();
  }
}
