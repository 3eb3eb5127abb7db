package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one free dimension besides the batch: a sequence's length. Pure.
 *
 * @param symbol its name in the signature; {@code length} when it has none
 * @param axes its index by input name; inputs without it are missing
 */
record LengthAxis(String symbol, Map<String, Integer> axes) {
  LengthAxis {
    axes = Map.copyOf(axes);
  }

  /** Empty when no input has a free dimension besides the batch, or when there are several. */
  static Optional<LengthAxis> of(Signature signature) {
    var axes = new HashMap<String, Integer>();
    var symbols = new HashSet<@Nullable String>();
    for (TensorSignature input : signature.inputs()) {
      for (int axis = 0; axis < input.shape().size(); axis++) {
        var dimension = input.shape().get(axis);
        boolean batch = input.batchAxis() != null && input.batchAxis() == axis;
        if (dimension.isFree() && !batch) {
          if (axes.put(input.name(), axis) != null) {
            return Optional.empty();
          }
          symbols.add(dimension.symbol());
        }
      }
    }
    // Two dimensions without a name need not be equal.
    boolean nameless = symbols.contains(null) && axes.size() > 1;
    if (axes.isEmpty() || symbols.size() > 1 || nameless) {
      return Optional.empty();
    }
    String symbol = symbols.iterator().next();
    return Optional.of(new LengthAxis(symbol == null ? "length" : symbol, axes));
  }
}
