package dev.millrace.runtime.server.text;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * How a model's vectors, one a token, become one vector; the same arithmetic as
 * sentence-transformers. Pure.
 */
public enum Pooling {
  /** The average over the tokens that the mask keeps. */
  MEAN {
    @Override
    void pool(FloatBuffer hidden, long[] mask, float[] into) {
      double[] sums = new double[into.length];
      long kept = 0;
      for (int token = 0; token < mask.length; token++) {
        if (mask[token] != 0) {
          kept++;
          for (int i = 0; i < into.length; i++) {
            sums[i] += hidden.get(token * into.length + i);
          }
        }
      }
      // The reference divides by max(kept, 1e-9): no token, no direction.
      double divisor = Math.max(kept, 1e-9);
      for (int i = 0; i < into.length; i++) {
        into[i] = (float) (sums[i] / divisor);
      }
    }
  },
  /** The vector of the first token. */
  CLS {
    @Override
    void pool(FloatBuffer hidden, long[] mask, float[] into) {
      hidden.get(0, into);
    }
  },
  /** The largest value of each component over the tokens that the mask keeps. */
  MAX {
    @Override
    void pool(FloatBuffer hidden, long[] mask, float[] into) {
      Arrays.fill(into, Float.NEGATIVE_INFINITY);
      for (int token = 0; token < mask.length; token++) {
        if (mask[token] != 0) {
          for (int i = 0; i < into.length; i++) {
            into[i] = Math.max(into[i], hidden.get(token * into.length + i));
          }
        }
      }
    }
  };

  /**
   * Reduces {@code hidden}, {@code mask.length} rows of {@code into.length} values, to one row.
   *
   * @param into receives the result
   */
  abstract void pool(FloatBuffer hidden, long[] mask, float[] into);

  /** The pooling of that name in a manifest. */
  public static Optional<Pooling> byName(String name) {
    return Arrays.stream(values())
        .filter(pooling -> pooling.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst();
  }

  /** Scales a vector to length 1; the zero vector stays. */
  static void normalize(float[] vector) {
    double sum = 0;
    for (float value : vector) {
      sum += (double) value * value;
    }
    double length = Math.max(Math.sqrt(sum), 1e-12);
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) (vector[i] / length);
    }
  }
}
