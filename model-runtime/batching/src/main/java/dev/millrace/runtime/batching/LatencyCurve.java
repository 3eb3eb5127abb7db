package dev.millrace.runtime.batching;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one execution takes: {@code L(b, n)} for {@code b} rows padded to length {@code n}, learned
 * from the executions themselves and, where given, from a profile.
 *
 * <p>Measurements fall into cells, one for each power of two of rows and of length; a cell keeps
 * moving averages of the time, its deviation, and of the rows and lengths that it saw, so that a
 * prediction within or between cells is interpolated (over rows) and scaled (over length). The
 * first samples of a cell count by their minimum, since the first run of a shape allocates; later
 * ones are clipped at four times the average, since a stolen processor says nothing about the
 * model. Not thread-safe; nothing is allocated but for a new cell.
 */
final class LatencyCurve {
  /** Nothing is known. */
  static final long UNKNOWN = -1;

  /** Samples until a prediction may turn a request away. */
  private static final int CONFIDENT = 8;

  /** What a profile counts as: enough to choose sizes, not to turn requests away. */
  private static final int SEEDED = 4;

  /** How much worse the largest known size must be per row before a smaller one is preferred. */
  private static final double WORSE = 1.1;

  /** Sizes this close to the best count as equally good; then the smaller one answers sooner. */
  private static final double EQUAL = 1.05;

  private final LatencyRow[] rowsByLength = new LatencyRow[33];

  LatencyCurve(LatencyProfile seed) {
    for (LatencyProfile.Point point : seed.points()) {
      LatencyRow row = row(point.length());
      LatencyRow.Cell cell = row.cell(point.rows());
      cell.learn(point.rows(), point.length(), point.latency().toNanos());
      cell.samples = Math.max(cell.samples, SEEDED);
      row.refresh();
    }
  }

  /** Takes a measurement. */
  void record(int rows, int length, long nanos) {
    LatencyRow row = row(length);
    row.cell(rows).learn(rows, length, Math.max(1, nanos));
    row.refresh();
  }

  /** Predicted time of an execution, or {@link #UNKNOWN}. */
  long nanos(int rows, int length) {
    LatencyRow row = nearest(length);
    return row == null ? UNKNOWN : Math.round(row.nanos(rows, length));
  }

  /**
   * The least time that an execution may well take; {@link #UNKNOWN} while too little is known, or
   * the measurements vary too much, to turn a request away for it.
   */
  long surelyNanos(int rows, int length) {
    LatencyRow row = rowsByLength[bucket(length)];
    LatencyRow.Cell cell = row == null ? null : row.nearest(rows);
    if (row == null
        || cell == null
        || cell.samples < CONFIDENT
        || cell.deviation > cell.nanos / 2) {
      return UNKNOWN;
    }
    double scale = Math.max(0.5, 1 - 2 * cell.deviation / cell.nanos);
    return Math.round(row.nanos(rows, length) * scale);
  }

  /** Predicted time of a row as part of a batch of good size, or {@link #UNKNOWN}. */
  long nanosPerRow(int length) {
    LatencyRow row = nearest(length);
    return row == null ? UNKNOWN : Math.max(1, Math.round(row.best * Math.max(1, length)));
  }

  /**
   * The size beyond which a batch does not pay: the one with the least time per row. {@code most}
   * while nothing speaks against it, so that bigger batches are tried until they are found bad.
   */
  int bestRows(int length, int most) {
    LatencyRow row = rowsByLength[bucket(length)];
    if (row == null) {
      return most;
    }
    double least = Double.MAX_VALUE;
    double top = 0;
    for (int rung = 0; rung <= rung(most); rung++) {
      LatencyRow.Cell cell = row.learned(rung);
      if (cell != null) {
        top = cell.nanosPerUnit();
        least = Math.min(least, top);
      }
    }
    if (top <= least * WORSE) {
      return most;
    }
    for (int rung = 0; rung <= rung(most); rung++) {
      LatencyRow.Cell cell = row.learned(rung);
      if (cell != null && cell.nanosPerUnit() <= least * EQUAL) {
        return Math.min(most, 1 << rung);
      }
    }
    return most;
  }

  /** Whether enough was measured near this size. */
  boolean isLearned(int rows, int length) {
    LatencyRow row = rowsByLength[bucket(length)];
    return row != null && row.learned(rung(rows)) != null;
  }

  /** The most rows, at least 1 and at most {@code most}, that run within the time. */
  int mostRowsWithin(long nanos, int length, int most) {
    if (nearest(length) == null || nanos(most, length) <= nanos) {
      return most;
    }
    int low = 1;
    int high = most;
    while (low + 1 < high) {
      int middle = (low + high) >>> 1;
      if (nanos(middle, length) <= nanos) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** What is known, one point a cell. */
  LatencyProfile profile() {
    List<LatencyProfile.Point> points = new ArrayList<>();
    for (LatencyRow row : rowsByLength) {
      for (int rung = 0; row != null && rung < row.cells.length; rung++) {
        LatencyRow.Cell cell = row.cells[rung];
        if (cell != null && cell.samples > 0) {
          points.add(
              new LatencyProfile.Point(
                  (int) Math.round(cell.rows),
                  (int) Math.round(cell.length),
                  Duration.ofNanos(Math.max(1, Math.round(cell.nanos)))));
        }
      }
    }
    return new LatencyProfile(points);
  }

  private LatencyRow row(int length) {
    int bucket = bucket(length);
    LatencyRow row = rowsByLength[bucket];
    if (row == null) {
      row = new LatencyRow();
      rowsByLength[bucket] = row;
    }
    return row;
  }

  private @Nullable LatencyRow nearest(int length) {
    int bucket = bucket(length);
    for (int away = 0; away < rowsByLength.length; away++) {
      LatencyRow longer = bucket + away < rowsByLength.length ? rowsByLength[bucket + away] : null;
      if (longer != null) {
        return longer;
      }
      LatencyRow shorter = bucket - away >= 0 ? rowsByLength[bucket - away] : null;
      if (shorter != null) {
        return shorter;
      }
    }
    return null;
  }

  /** 0, 1, 2–3, 4–7, … */
  private static int bucket(int length) {
    return 32 - Integer.numberOfLeadingZeros(length);
  }

  /** 1, 2, 3–4, 5–8, …: the last of each is the power of two. */
  static int rung(int rows) {
    return 32 - Integer.numberOfLeadingZeros(rows - 1);
  }
}
