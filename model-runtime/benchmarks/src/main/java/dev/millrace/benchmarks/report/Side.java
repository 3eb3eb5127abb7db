package dev.millrace.benchmarks.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.benchmarks.load.LoadResult;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What one server did in one round. Times are milliseconds.
 *
 * @param answers right answers in the window
 * @param perSecond right answers per second
 * @param errors calls without an answer, warm-up included
 * @param wrong answers to another request, warm-up included
 * @param cpuMillisPerRequest processor time of the server's process; null when it cannot be seen
 * @param residentBytes memory of the server's process; null when it cannot be seen
 * @param clientCores processors that the client kept busy
 * @param injectorLagP99Millis how late the client itself started its calls; null in a closed loop
 * @param problem what the first error or wrong answer said; null when there was none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Side(
    long answers,
    double perSecond,
    double p50Millis,
    double p99Millis,
    double p999Millis,
    long errors,
    long wrong,
    @Nullable Double cpuMillisPerRequest,
    @Nullable Long residentBytes,
    double clientCores,
    @Nullable Double injectorLagP99Millis,
    @Nullable String problem) {

  private static final double P50 = 50;
  private static final double P99 = 99;
  private static final double P999 = 99.9;

  /** Copies out of a load client's result what a report shows. */
  public static Side of(LoadResult result) {
    OptionalDouble cpu = result.serverCpuMillisPerAnswer();
    OptionalLong resident = result.usage().residentBytes();
    var injection = result.injection();
    return new Side(
        result.answers(),
        result.perSecond(),
        result.latencyMillis(P50),
        result.latencyMillis(P99),
        result.latencyMillis(P999),
        result.failed(),
        result.wrong(),
        cpu.isPresent() ? cpu.getAsDouble() : null,
        resident.isPresent() ? resident.getAsLong() : null,
        result.clientCores(),
        injection == null ? null : injection.lagP99Nanos() / 1e6,
        result.firstProblem());
  }

  /** No wrong answer, some right ones, and at most one call in a hundred without an answer. */
  boolean sane() {
    return wrong == 0 && answers > 0 && errors * 100 <= answers;
  }
}
