package dev.millrace.process.leak;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class when Netty has found a buffer that was never released. Needs {@code
 * -Dio.netty.leakDetection.level=paranoid}; found by JUnit by itself wherever the test jar is on
 * the class path and extensions are detected.
 *
 * <p>Netty tells of a leak when a buffer is made after the leaked one was collected. So what is
 * told may be of an earlier class; it is never missed but for the last ones of a process.
 */
public final class NettyLeaks implements BeforeAllCallback, AfterAllCallback {
  private static final String DETECTOR = "io.netty.util.ResourceLeakDetector";
  private static final String COUNTED = "io.netty.util.ReferenceCounted";
  private static final String ALLOCATOR = "io.netty.buffer.PooledByteBufAllocator";

  /** Held: a log manager forgets loggers that nobody holds, and their handlers. */
  private static final Logger LOG = Logger.getLogger(DETECTOR);

  private static final Reports REPORTS = new Reports();

  static {
    LOG.addHandler(REPORTS);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    // Loading this class is what it takes.
  }

  @Override
  public void afterAll(ExtensionContext context) throws ReflectiveOperationException {
    System.gc();
    provokeReport();
    var found = REPORTS.take();
    if (!found.isEmpty()) {
      throw new AssertionError(found.size() + " leaks:\n" + String.join("\n", found));
    }
  }

  /** By name: the application under test has Netty from a class loader of its own. */
  private static void provokeReport() throws ReflectiveOperationException {
    var loader = Thread.currentThread().getContextClassLoader();
    var allocator = Class.forName(ALLOCATOR, true, loader).getField("DEFAULT").get(null);
    var make = allocator.getClass().getMethod("directBuffer", int.class);
    var release = Class.forName(COUNTED, true, loader).getMethod("release");
    for (int i = 0; i < 8; i++) {
      release.invoke(make.invoke(allocator, 16));
    }
  }

  private static final class Reports extends Handler {
    private final Queue<String> found = new ConcurrentLinkedQueue<>();

    List<String> take() {
      var all = List.copyOf(found);
      found.removeAll(all);
      return all;
    }

    @Override
    public void publish(LogRecord record) {
      String message = String.valueOf(record.getMessage());
      if (message.startsWith("LEAK: ")) {
        found.add(message);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
