package dev.millrace.runtime.engine;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import org.jspecify.annotations.Nullable;

/**
 * The means to stop the executions of one batch from another thread. ONNX Runtime looks at it
 * between two operators, so a run ends within the time of one operator (about 70 ms for a large
 * one) with {@link ModelExecutionException.Kind#CANCELLED}.
 *
 * <p>Thread-safe. One per batch: it may serve several executions after each other (a batch that is
 * split and retried), but once cancelled it lets none run any more. Holds nothing to be freed.
 */
public final class RunHandle {
  private @Nullable RunOptions running;
  private boolean cancelled;

  /**
   * Stops the execution that runs under this handle, and keeps later ones from starting. Returns at
   * once; nothing happens when all is over.
   */
  public synchronized void cancel() {
    if (cancelled) {
      return;
    }
    cancelled = true;
    if (running != null) {
      terminate(running, true);
    }
  }

  /** Whether {@link #cancel} has been called. */
  public synchronized boolean cancelled() {
    return cancelled;
  }

  /** An execution is about to start under these options. */
  synchronized void begin(RunOptions options) throws ModelExecutionException {
    if (cancelled) {
      throw cancellation();
    }
    running = options;
  }

  /** The execution is over; its options may serve another batch from here on. */
  synchronized void end() {
    if (cancelled && running != null) {
      terminate(running, false);
    }
    running = null;
  }

  static ModelExecutionException cancellation() {
    return new ModelExecutionException(
        ModelExecutionException.Kind.CANCELLED, "the execution was cancelled");
  }

  private static void terminate(RunOptions options, boolean value) {
    try {
      options.setTerminate(value);
    } catch (OrtException impossible) {
      throw new IllegalStateException(OrtMessages.clean(impossible), impossible);
    }
  }
}
