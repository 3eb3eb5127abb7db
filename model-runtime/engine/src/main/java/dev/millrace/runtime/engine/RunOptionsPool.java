package dev.millrace.runtime.engine;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Native run options for reuse: with one dispatcher per session, the same ones at every call.
 * Thread-safe; holds as many as ever ran at once.
 */
final class RunOptionsPool implements AutoCloseable {
  private final Deque<RunOptions> idle = new ArrayDeque<>(2);

  /** Options whose terminate flag is off. */
  RunOptions acquire() throws OrtException {
    synchronized (idle) {
      RunOptions options = idle.pollFirst();
      if (options != null) {
        return options;
      }
    }
    return new RunOptions();
  }

  /** Takes them back, with the terminate flag off. */
  void release(RunOptions options) {
    synchronized (idle) {
      idle.addFirst(options);
    }
  }

  /** Frees them all; only when no call runs any more. */
  @Override
  public void close() {
    synchronized (idle) {
      idle.forEach(RunOptions::close);
      idle.clear();
    }
  }
}
