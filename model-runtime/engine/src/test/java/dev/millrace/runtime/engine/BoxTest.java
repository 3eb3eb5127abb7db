package dev.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BoxTest {
  @Test
  void findsEveryElementOfEveryPart() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      int rank = 1 + random.nextInt(4);
      int rowAxis = random.nextInt(rank);
      var whole = new long[rank];
      var part = new long[rank];
      for (int axis = 0; axis < rank; axis++) {
        whole[axis] = 1 + random.nextInt(4);
        part[axis] = random.nextBoolean() ? whole[axis] : 1 + random.nextLong(whole[axis]);
      }
      long first = random.nextLong(whole[rowAxis] - part[rowAxis] + 1);
      int unit = 1 + random.nextInt(3);

      Box box = Box.of(whole, part, rowAxis, first, unit);

      assertThat(runs(box))
          .as("seed %d", seed)
          .isEqualTo(slowly(whole, part, rowAxis, first, unit));
      if (box.contiguous()) {
        int[] runs = runs(box);
        assertThat(runs[0]).as("seed %d", seed).isEqualTo(box.offset());
        assertThat(runs[runs.length - 1]).isEqualTo(box.offset() + box.size() - 1);
      }
    }
  }

  @Test
  void oneRowCutAtItsEndIsOnePiece() {
    Box row = Box.of(new long[] {4, 9, 3}, new long[] {1, 5, 3}, 0, 2, 4);
    Box rows = Box.of(new long[] {4, 9, 3}, new long[] {2, 5, 3}, 0, 2, 4);

    assertThat(row.contiguous()).isTrue();
    assertThat(row.offset()).isEqualTo(2 * 9 * 3 * 4);
    assertThat(row.size()).isEqualTo(5 * 3 * 4);
    assertThat(rows.contiguous()).isFalse();
  }

  @Test
  void hasNoRunsWhenEmpty() {
    assertThat(runs(Box.of(new long[] {4, 9}, new long[] {1, 0}, 0, 2, 4))).isEmpty();
  }

  @Test
  void refusesWhatDoesNotLieInside() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Box.of(new long[] {4, 9}, new long[] {2, 9}, 0, 3, 1))
        .withMessage("shape [2, 9] does not lie inside [4, 9]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Box.of(new long[] {4, 9}, new long[] {2}, 0, 3, 1));
  }

  /** For each unit of the part, in order, where it lies in the whole. */
  private static int[] runs(Box box) {
    var found = new int[(int) box.size()];
    Arrays.fill(found, -1);
    box.forEachRun(
        (wholeOffset, partOffset, length) -> {
          for (int i = 0; i < length; i++) {
            found[partOffset + i] = wholeOffset + i;
          }
        });
    return found;
  }

  private static int[] slowly(long[] whole, long[] part, int rowAxis, long first, int unit) {
    int size = unit;
    for (long dimension : part) {
      size *= (int) dimension;
    }
    var offsets = new int[size];
    for (int i = 0; i < size; i++) {
      int rest = i / unit;
      int offset = 0;
      int step = unit;
      for (int axis = whole.length - 1; axis >= 0; axis--) {
        int index = rest % (int) part[axis] + (axis == rowAxis ? (int) first : 0);
        rest /= (int) part[axis];
        offset += index * step;
        step *= (int) whole[axis];
      }
      offsets[i] = offset + i % unit;
    }
    return offsets;
  }
}
