package dev.millrace.runtime.engine;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What all sessions of a process share.
 *
 * @param intraOpThreads threads inside one operator, per session; at least 1
 * @param interOpThreads operators run side by side, per session; at least 1
 * @param spinning whether idle threads of a session burn a core while they wait for the next run
 * @param poolBytes most direct memory kept for reuse; memory in use is not bounded by it
 * @param nativeDir folder with ONNX Runtime's unpacked native libraries; null unpacks them to a
 *     temporary folder at every start
 * @param globalThreads one pool for all sessions that ask for no threads of their own; null gives
 *     each session its own pool. Only the first engine of a process can decide it
 * @param optimizedModels keeps optimized graphs between loads; null optimizes at every load
 */
public record EngineOptions(
    int intraOpThreads,
    int interOpThreads,
    boolean spinning,
    long poolBytes,
    @Nullable Path nativeDir,
    @Nullable GlobalThreads globalThreads,
    @Nullable OptimizedModelCache optimizedModels) {

  /** One thread per processor inside an operator, no spinning, 256 MiB kept for reuse. */
  public static final EngineOptions DEFAULT =
      new EngineOptions(
          Runtime.getRuntime().availableProcessors(), 1, false, 256L << 20, null, null, null);

  public EngineOptions {
    require(intraOpThreads >= 1, "intraOpThreads", intraOpThreads, "at least 1");
    require(interOpThreads >= 1, "interOpThreads", interOpThreads, "at least 1");
    require(poolBytes >= 0, "poolBytes", poolBytes, "not negative");
  }

  static void require(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(field + ": " + value + " (expected: " + expected + ")");
    }
  }
}
