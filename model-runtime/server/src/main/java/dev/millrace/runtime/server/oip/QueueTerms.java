package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.runtime.batching.BatchRequest;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.server.replica.ServingOptions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a call asks of the queue: its deadline from headers and the endpoint, and the parameters
 * {@code timeout} (microseconds in the queue) and {@code priority} of the schedule policy
 * extension. A parameter goes before a header.
 */
final class QueueTerms {
  private static final String PRIORITY = "priority";
  private static final String TIMEOUT = "timeout";

  private QueueTerms() {}

  /**
   * The terms of one call.
   *
   * @param parameters of the request; empty where the protocol has none
   * @param arrival {@link System#nanoTime()} from which time limits count
   * @throws MillraceException INVALID_ARGUMENT when a parameter is malformed
   */
  static Terms of(
      CallContext context, ServingOptions serving, Map<String, Object> parameters, long arrival) {
    long deadline = context.deadlineBefore(arrival + serving.timeout().toNanos());
    Caller caller = context.caller();
    return new Terms(
        deadline,
        queueDeadline(parameters.get(TIMEOUT), serving, arrival),
        priority(parameters.get(PRIORITY), caller.priority()),
        caller.project());
  }

  /** Whether the request bounds its own wait in the queue. */
  static boolean hasTimeout(Map<String, Object> parameters) {
    return parameters.get(TIMEOUT) instanceof Long micros && micros > 0;
  }

  private static long queueDeadline(@Nullable Object micros, ServingOptions serving, long arrival) {
    long value = whole(TIMEOUT, micros, "microseconds, a whole number");
    // 0 means the default, as in Triton; a day is longer than any queue.
    if (value > 0 && value <= TimeUnit.DAYS.toMicros(1)) {
      return arrival + TimeUnit.MICROSECONDS.toNanos(value);
    }
    Duration otherwise = serving.scheduling().queueTimeout();
    return otherwise == null ? BatchRequest.NO_DEADLINE : arrival + otherwise.toNanos();
  }

  private static int priority(@Nullable Object parameter, int otherwise) {
    long value = whole(PRIORITY, parameter, "0 for the default level, or 1 for the highest");
    return value == 0 ? otherwise : (int) Math.min(value, Integer.MAX_VALUE);
  }

  private static long whole(String name, @Nullable Object parameter, String expected) {
    if (parameter == null) {
      return 0;
    }
    if (!(parameter instanceof Long value) || value < 0) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "parameter '%s': %s (expected: %s)",
          name,
          parameter,
          expected);
    }
    return value;
  }
}
