package dev.millrace.protocol.control;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was measured when a version was admitted, by running it on synthetic inputs. It holds for
 * the files of that digest on runtimes of that hardware class. Immutable.
 *
 * @param digest of the version's files, {@code sha256:…}
 * @param hardwareClass of the runtime that measured, for example {@code cpu}
 * @param onnxRuntime ONNX Runtime's version, for example {@code 1.28.0}
 * @param lengthAxis symbol of the one free dimension besides the batch (a sequence's length); null
 *     when there is none, or more than one
 * @param latency what was measured in the time there was, by length and then batch; possibly empty
 * @param batching whether a row's outputs stay the same beside other rows
 * @param padding whether a row's outputs stay the same when it is padded to a greater length
 * @param deterministic whether the same inputs gave the same outputs to the bit
 * @param notMeasured what was left out because it would have taken too much time or memory, and
 *     why, one sentence each, for people; usually empty
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Profile(
    String digest,
    String hardwareClass,
    Instant measuredAt,
    String onnxRuntime,
    Footprint footprint,
    @Nullable String lengthAxis,
    List<Latency> latency,
    Invariance batching,
    Invariance padding,
    Finding deterministic,
    Recommendation recommended,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> notMeasured) {

  public Profile {
    latency = latency == null ? List.of() : List.copyOf(latency);
    notMeasured = notMeasured == null ? List.of() : List.copyOf(notMeasured);
  }

  /** With nothing left out. */
  public Profile(
      String digest,
      String hardwareClass,
      Instant measuredAt,
      String onnxRuntime,
      Footprint footprint,
      @Nullable String lengthAxis,
      List<Latency> latency,
      Invariance batching,
      Invariance padding,
      Finding deterministic,
      Recommendation recommended) {
    this(
        digest,
        hardwareClass,
        measuredAt,
        onnxRuntime,
        footprint,
        lengthAxis,
        latency,
        batching,
        padding,
        deterministic,
        recommended,
        List.of());
  }

  /** The answer to a question that admission asks; what could not be tried is not known. */
  public enum Finding {
    YES,
    NO,
    UNKNOWN
  }

  /**
   * What loading costs.
   *
   * @param loadMillis to create the session
   * @param residentBytes by which loading made the process grow; 0 when the system cannot tell
   * @param peakBytes by which loading and running made it grow at most; 0 when it cannot tell
   */
  public record Footprint(long loadMillis, long residentBytes, long peakBytes) {}

  /**
   * One measured cell.
   *
   * @param batch rows of the execution, at least 1
   * @param length size of the length axis; 0 when the model has none
   * @param p50Micros median time of an execution in microseconds, at least 1
   * @param p99Micros with fewer than 100 runs the slowest
   * @param runs how many executions this stands on
   */
  public record Latency(int batch, int length, long p50Micros, long p99Micros, int runs) {}

  /**
   * Whether outputs stay the same under a change that should not matter.
   *
   * @param holds YES when no difference was above 1e-4 of the row's largest value
   * @param largestDifference relative to the row's largest value; 0 when unknown
   * @param note why it is unknown or what failed, for people; null when there is nothing to add
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Invariance(Finding holds, double largestDifference, @Nullable String note) {
    /** It could not be tried. */
    public static Invariance unknown(String why) {
      return new Invariance(Finding.UNKNOWN, 0, why);
    }
  }

  /**
   * How to serve the version when nobody says otherwise.
   *
   * @param batch the smallest batch that reaches 95 % of the best rows per second, at least 1; says
   *     nothing about whether batching is allowed
   * @param instances executions that run side by side, at least 1
   * @param intraOpThreads threads inside one execution, at least 1
   */
  public record Recommendation(int batch, int instances, int intraOpThreads) {}

  /** Whether rows of different requests may share an execution: only when it was shown. */
  @JsonIgnore
  public boolean mayBatch() {
    return batching.holds() == Finding.YES;
  }

  /** Whether requests of different length may share an execution: only when both were shown. */
  @JsonIgnore
  public boolean mayPad() {
    return mayBatch() && padding.holds() == Finding.YES;
  }

  /** The cell of exactly that batch and length, if it was measured. */
  public Optional<Latency> latency(int batch, int length) {
    return latency.stream()
        .filter(cell -> cell.batch() == batch && cell.length() == length)
        .findFirst();
  }
}
