package dev.millrace.protocol.tensor;

import java.nio.ByteBuffer;

/**
 * Where a codec puts the tensors that it must make bytes of. Whoever gives the memory decides how
 * long the tensors live.
 */
@FunctionalInterface
public interface TensorMemory {
  /** Memory that the garbage collector looks after. */
  TensorMemory HEAP = ByteBuffer::allocate;

  /**
   * A buffer of exactly {@code bytes} bytes from position 0 to its limit, with any content and of
   * any byte order, heap or direct.
   */
  ByteBuffer allocate(int bytes);
}
