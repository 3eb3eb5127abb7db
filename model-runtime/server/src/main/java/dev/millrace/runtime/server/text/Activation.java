package dev.millrace.runtime.server.text;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How the logits of one row become probabilities. Pure. */
public enum Activation {
  /** Each logit by itself: one logit, or labels of which several may hold. */
  SIGMOID {
    @Override
    public void apply(float[] logits) {
      for (int i = 0; i < logits.length; i++) {
        logits[i] = (float) (1 / (1 + Math.exp(-logits[i])));
      }
    }
  },
  /** Together they make 1: labels of which exactly one holds. */
  SOFTMAX {
    @Override
    public void apply(float[] logits) {
      double largest = Double.NEGATIVE_INFINITY;
      for (float logit : logits) {
        largest = Math.max(largest, logit);
      }
      double sum = 0;
      for (float logit : logits) {
        sum += Math.exp(logit - largest);
      }
      for (int i = 0; i < logits.length; i++) {
        logits[i] = (float) (Math.exp(logits[i] - largest) / sum);
      }
    }
  },
  /** The model's own numbers: it has done this itself, or raw logits are wanted. */
  NONE {
    @Override
    public void apply(float[] logits) {}
  };

  /** Replaces the logits by what they become. */
  public abstract void apply(float[] logits);

  /** The activation of that name in a manifest. */
  static Optional<Activation> byName(String name) {
    return Arrays.stream(values())
        .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst();
  }
}
