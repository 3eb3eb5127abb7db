package dev.millrace.runtime.engine;

/**
 * One pool of threads for all sessions of the process: many models that are rarely busy at once
 * then share the processors instead of each having threads for all of them.
 *
 * @param intraOp threads inside one operator, at least 1
 * @param interOp operators run side by side, at least 1
 * @param spinning whether idle threads burn a core while they wait
 */
public record GlobalThreads(int intraOp, int interOp, boolean spinning) {
  public GlobalThreads {
    EngineOptions.require(intraOp >= 1, "globalThreads.intraOp", intraOp, "at least 1");
    EngineOptions.require(interOp >= 1, "globalThreads.interOp", interOp, "at least 1");
  }
}
