package dev.millrace.protocol.internal;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.Signature;
import org.jspecify.annotations.Nullable;

/**
 * The verdict of admission on one version, measured on one hardware class.
 *
 * @param admitted whether the version may serve
 * @param reason why it was rejected, in ONNX Runtime's words where it spoke; null when admitted
 * @param signature what the loaded session says its inputs and outputs are; null when rejected
 * @param loadMillis time to create the session and warm it up
 * @param profile what was measured; null when rejected, or when nothing could be measured
 * @param validation {@link Snapshot.VersionEntry#validation} of the question that this answers; 0
 *     from a runtime that knows none
 */
public record AdmissionReport(
    VersionKey version,
    boolean admitted,
    @Nullable String reason,
    @Nullable Signature signature,
    long loadMillis,
    @Nullable Profile profile,
    int validation) {

  /** A verdict of a runtime that does not know which time it was asked. */
  public AdmissionReport(
      VersionKey version,
      boolean admitted,
      @Nullable String reason,
      @Nullable Signature signature,
      long loadMillis,
      @Nullable Profile profile) {
    this(version, admitted, reason, signature, loadMillis, profile, 0);
  }

  /** A verdict without a measurement. */
  public AdmissionReport(
      VersionKey version,
      boolean admitted,
      @Nullable String reason,
      @Nullable Signature signature,
      long loadMillis) {
    this(version, admitted, reason, signature, loadMillis, null);
  }
}
