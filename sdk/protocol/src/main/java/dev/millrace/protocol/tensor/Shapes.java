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
    long count = 1;
    for (long dimension : shape) {
      if (dimension < 0) {
        throw MillraceException.of(
            ErrorCode.INVALID_ARGUMENT,
            "tensor '%s': shape %s has a negative dimension",
            tensor,
            Arrays.toString(shape));
      }
      try {
        count = Math.multiplyExact(count, dimension);
      } catch (ArithmeticException overflow) {
        throw MillraceException.of(
            ErrorCode.INVALID_ARGUMENT,
            "tensor '%s': shape %s has more elements than can be counted",
            tensor,
            Arrays.toString(shape));
      }
    }
    return count;
  }
}
