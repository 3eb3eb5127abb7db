package dev.millrace.runtime.server.body;

import dev.millrace.runtime.engine.DirectMemoryPool;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/** The memory of bodies with binary tensor data. Thread-safe. */
@Singleton
public class BodyMemory {
  /** Up to here a body on the heap is cheaper, as one copy of it is. */
  static final int SMALL = 64 << 10;

  private static final long RETAINED_BYTES = 64L << 20;

  private final DirectMemoryPool pool = new DirectMemoryPool(RETAINED_BYTES);

  BodyMemory(MeterRegistry registry) {
    Gauge.builder("millrace.body.memory", this, BodyMemory::heldBytes)
        .description("Pooled memory of binary request bodies: held by calls, or kept for the next")
        .baseUnit("bytes")
        .tag("state", "held")
        .strongReference(true)
        .register(registry);
    Gauge.builder("millrace.body.memory", this, BodyMemory::keptBytes)
        .description("Pooled memory of binary request bodies: held by calls, or kept for the next")
        .baseUnit("bytes")
        .tag("state", "kept")
        .strongReference(true)
        .register(registry);
  }

  /**
   * Memory for a body whose tensors are worth it; null for one that is small, of unknown length,
   * compressed, or JSON alone.
   *
   * @param announced length of the body; −1 when not known
   * @param jsonLength the header that says how long its JSON part is; null when absent
   * @param contentEncoding how it is compressed; null when absent
   */
  public @Nullable BinaryBody forBody(
      long announced, @Nullable String jsonLength, @Nullable String contentEncoding) {
    boolean plain = contentEncoding == null || contentEncoding.equalsIgnoreCase("identity");
    if (announced <= SMALL || announced >= 1 << 30 || jsonLength == null || !plain) {
      return null;
    }
    int length;
    try {
      length = Integer.parseInt(jsonLength.strip());
    } catch (NumberFormatException malformed) {
      return null;
    }
    return length < 0 || length > announced ? null : new BinaryBody(pool, announced, length);
  }

  /** Bytes of bodies that calls hold now. */
  public long heldBytes() {
    return pool.outstandingBytes();
  }

  /** Bytes that are kept for the next bodies. */
  public long keptBytes() {
    return pool.retainedBytes();
  }
}
