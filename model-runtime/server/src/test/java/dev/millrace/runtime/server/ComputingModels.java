package dev.millrace.runtime.server;

import static org.awaitility.Awaitility.await;

import java.util.Arrays;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Sees which models compute in this process: calls that come together may be taken in any order.
 */
final class ComputingModels {
  private ComputingModels() {}

  /**
   * Waits until the model computes.
   *
   * @throws ConditionTimeoutException when it does not within ten seconds
   */
  static void awaitComputing(String model) {
    await().until(() -> isComputing(model));
  }

  private static boolean isComputing(String model) {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(thread -> thread.getKey().getName().startsWith("millrace-batch-" + model + "-"))
        .flatMap(thread -> Arrays.stream(thread.getValue()))
        .anyMatch(frame -> frame.isNativeMethod() && frame.getClassName().endsWith("OrtSession"));
  }
}
