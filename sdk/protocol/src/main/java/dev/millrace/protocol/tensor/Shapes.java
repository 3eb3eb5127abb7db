package dev.millrace.protocol.tensor;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.util.Arrays;

/** Arithmetic on shapes; all methods are pure. */
public final class Shapes {
  private Shapes() {}

  /**
   * The number of elements of a shape: the product of its dimensions, 1 for a scalar.
   *
   * @param tensor the tensor's name, for the message
   * @throws MillraceException INVALID_ARGUMENT when a dimension is negative or the product
   *     overflows a long
   */
  public static long elementCount(String tensor, long[] shape) {
    long count = elementCount(shape);
    if (count >= 0) {
      return count;
    }
    boolean negative = Arrays.stream(shape).anyMatch(dimension -> dimension < 0);
    throw MillraceException.of(
        ErrorCode.INVALID_ARGUMENT,
        negative
            ? "tensor '%s': shape %s has a negative dimension"
            : "tensor '%s': shape %s has more elements than can be counted",
        tensor,
        Arrays.toString(shape));
  }

  /**
   * The same, or -1 when a dimension is negative or the product overflows a long. For callers who
   * have their own words for that.
   */
  public static long elementCount(long[] shape) {
    long count = 1;
    for (long dimension : shape) {
      if (dimension < 0 || Math.multiplyHigh(count, dimension) != 0 || count * dimension < 0) {
        return -1;
      }
      count *= dimension;
    }
    return count;
  }
}
