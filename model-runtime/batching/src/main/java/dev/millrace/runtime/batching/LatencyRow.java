package dev.millrace.runtime.batching;

import org.jspecify.annotations.Nullable;

/** The cells of a {@link LatencyCurve} for one power of two of length. */
final class LatencyRow {
  /** Samples until a cell may decide about batch sizes. */
  private static final int LEARNED = 3;

  private static final double SMOOTHING = 0.1;
  private static final double CLIP = 4;

  final @Nullable Cell[] cells = new @Nullable Cell[32];

  /** Least time per row and unit of length among the cells. */
  double best;

  Cell cell(int rows) {
    int rung = Math.min(LatencyCurve.rung(rows), cells.length - 1);
    Cell cell = cells[rung];
    if (cell == null) {
      cell = new Cell();
      cells[rung] = cell;
    }
    return cell;
  }

  @Nullable Cell learned(int rung) {
    Cell cell = cells[rung];
    return cell != null && cell.samples >= LEARNED ? cell : null;
  }

  void refresh() {
    best = Double.MAX_VALUE;
    for (Cell cell : cells) {
      if (cell != null) {
        best = Math.min(best, cell.nanosPerUnit());
      }
    }
  }

  /** The cell that says most about batches of that size. */
  @Nullable Cell nearest(int rows) {
    int rung = Math.min(LatencyCurve.rung(rows), cells.length - 1);
    for (int away = 0; away < cells.length; away++) {
      Cell larger = rung + away < cells.length ? cells[rung + away] : null;
      if (larger != null) {
        return larger;
      }
      Cell smaller = rung - away >= 0 ? cells[rung - away] : null;
      if (smaller != null) {
        return smaller;
      }
    }
    return null;
  }

  double nanos(int rows, int length) {
    Cell below = null;
    Cell above = null;
    for (Cell cell : cells) {
      if (cell != null && cell.rows <= rows) {
        below = cell;
      } else if (cell != null && above == null) {
        above = cell;
      }
    }
    if (above == null) {
      // Beyond what was seen every row costs as much as before: never too little.
      return below == null ? 0 : below.nanos(length) * rows / below.rows;
    }
    if (below == null) {
      // Between "time grows with rows" and "time does not": the mean.
      return above.nanos(length) * (0.5 + 0.5 * rows / above.rows);
    }
    double part = (rows - below.rows) / (above.rows - below.rows);
    return below.nanos(length) + part * (above.nanos(length) - below.nanos(length));
  }

  /** Moving averages of similar executions. */
  static final class Cell {
    int samples;
    double nanos;
    double deviation;
    double rows;
    double length;

    void learn(int sampleRows, int sampleLength, long sampleNanos) {
      samples++;
      if (samples <= LEARNED) {
        if (samples > 1 && sampleNanos >= nanos) {
          return;
        }
        nanos = sampleNanos;
        rows = sampleRows;
        length = sampleLength;
        return;
      }
      double clipped = Math.min(sampleNanos, CLIP * nanos);
      deviation += SMOOTHING * (Math.abs(clipped - nanos) - deviation);
      nanos += SMOOTHING * (clipped - nanos);
      rows += SMOOTHING * (sampleRows - rows);
      length += SMOOTHING * (sampleLength - length);
    }

    double nanos(int asked) {
      return length < 1 ? nanos : nanos * asked / length;
    }

    double nanosPerUnit() {
      return nanos / (rows * Math.max(1, length));
    }
  }
}
