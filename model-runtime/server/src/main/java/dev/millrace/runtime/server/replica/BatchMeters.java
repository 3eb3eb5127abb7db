package dev.millrace.runtime.server.replica;

import dev.millrace.runtime.batching.BatchListener;
import dev.millrace.runtime.batching.BatchRejectedException;
import dev.millrace.runtime.batching.BatchReport;
import dev.millrace.runtime.batching.BatchStage;
import dev.millrace.runtime.server.metrics.Rejection;
import dev.millrace.runtime.server.metrics.ReplicaMeters;

/** Counts what a replica's scheduler does. */
final class BatchMeters implements BatchListener {
  private final ReplicaMeters meters;

  BatchMeters(ReplicaMeters meters) {
    this.meters = meters;
  }

  @Override
  public void dispatched(BatchReport report) {
    for (long nanos : report.queueNanos()) {
      meters.queued(nanos);
    }
    meters.batch(report.computeNanos(), report.rows(), report.paddingRatio());
    meters.executed(report.rows(), report.executions(), report.computeNanos());
  }

  @Override
  public void rejected(BatchRejectedException.Reason reason) {
    if (meters.endedWarmUp()) {
      return;
    }
    meters.rejected(
        reason == BatchRejectedException.Reason.CLOSED ? Rejection.DRAINING : Rejection.QUEUE_FULL);
  }

  @Override
  public void cancelled(BatchStage stage, long savedNanos) {
    if (stage != BatchStage.EXECUTION && meters.endedWarmUp()) {
      return;
    }
    meters.cancelled(
        switch (stage) {
          case ADMISSION -> ReplicaMeters.Stage.ADMISSION;
          case QUEUE -> ReplicaMeters.Stage.QUEUE;
          case EXECUTION -> ReplicaMeters.Stage.EXECUTION;
        });
    meters.saved(savedNanos);
  }

  @Override
  public void expired(BatchStage stage, long savedNanos) {
    if (stage != BatchStage.EXECUTION && meters.endedWarmUp()) {
      return;
    }
    meters.rejected(Rejection.DEADLINE);
    meters.saved(savedNanos);
  }

  @Override
  public void terminated(long savedNanos) {
    meters.saved(savedNanos);
  }
}
