package dev.millrace.runtime.server.config;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How much memory this process may take. */
final class MemoryLimits {
  /** The rest is for code, threads, buffers on the wire and what ONNX Runtime needs in a run. */
  private static final double SHARE = 0.75;

  private static final long LEAST = 64L << 20;

  private MemoryLimits() {}

  /** What loaded versions may hold: a share of the machine's or container's memory without heap. */
  static long forModels() {
    long total =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    return forModels(total, Runtime.getRuntime().maxMemory());
  }

  static long forModels(long total, long heap) {
    return Math.max(LEAST, (long) ((total - heap) * SHARE));
  }
}
