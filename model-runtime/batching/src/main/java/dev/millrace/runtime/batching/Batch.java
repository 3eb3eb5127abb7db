package dev.millrace.runtime.batching;

import java.util.ArrayList;
import java.util.List;

/** Requests that are executed together, while they are gathered and while they run. */
final class Batch<P, R> {
  final List<QueuedRequest<P, R>> entries = new ArrayList<>(2);

  /** Requests that were met on the way and cannot be answered in time any more. */
  List<QueuedRequest<P, R>> hopeless = List.of();

  int rows;
  int maxLength;

  /** Sum of the lengths of all rows. */
  long sumLength;

  /** Position among all batches, for the order of results. */
  long number;

  long takenNanos;

  /** Predicted time of the execution; {@link LatencyCurve#UNKNOWN} when it cannot be told. */
  long predictedNanos = LatencyCurve.UNKNOWN;

  void add(QueuedRequest<P, R> entry) {
    BatchRequest<P> request = entry.request;
    entries.add(entry);
    rows += request.rows();
    maxLength = Math.max(maxLength, request.length());
    sumLength += (long) request.rows() * request.length();
  }

  /** Notes one that cannot be answered in time any more. */
  void addHopeless(QueuedRequest<P, R> entry) {
    hopeless = hopeless.isEmpty() ? new ArrayList<>() : hopeless;
    hopeless.add(entry);
  }

  /** Whether the padding stays within bounds when this request joins. */
  boolean padsLittleWith(BatchRequest<P> request, double waste) {
    long longest = Math.max(maxLength, request.length());
    long sum = sumLength + (long) request.rows() * request.length();
    return longest * ((long) rows + request.rows()) <= waste * sum;
  }

  /** Which part of what is computed is padding. */
  double paddingRatio() {
    long computed = (long) rows * maxLength;
    return computed == 0 ? 0 : (double) (computed - sumLength) / computed;
  }
}
