package dev.millrace.protocol.control;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the axis along which requests of a model can be joined: the one rule that the registry
 * (from the file) and the runtime (from the session) share. Pure.
 *
 * <p>The batch is the symbolic dimension that stands exactly once in every input that is not a
 * scalar and exactly once in every output, and leads (axis 0) in at least one input; it may stand
 * elsewhere in the others (a recurrent state of shape {@code [2, N, 128]}). Several such symbols:
 * one whose name says batch wins, then the one that leads most often, then the first in declaration
 * order. The rule would rather find none than a wrong one, since a missed batch costs speed and a
 * wrong one mixes callers: dimensions without a name are never taken to be equal, and a symbol
 * named after a sequence, a length or time is no batch.
 */
public final class BatchAxes {
  private static final List<String> NOT_A_BATCH =
      List.of("seq", "len", "time", "token", "frame", "height", "width");

  private BatchAxes() {}

  /**
   * The same signature with {@link TensorSignature#batchAxis()} set by the rule; axes that the
   * argument carries are ignored. Without a batch symbol, every axis is null.
   */
  public static Signature detect(Signature signature) {
    String symbol = batchSymbol(signature).orElse(null);
    return new Signature(
        withAxes(signature.inputs(), symbol), withAxes(signature.outputs(), symbol));
  }

  /** The symbolic name of the batch dimension, if the signature has one. */
  public static Optional<String> batchSymbol(Signature signature) {
    List<TensorSignature> inputs =
        signature.inputs().stream().filter(input -> !input.shape().isEmpty()).toList();
    List<TensorSignature> all =
        Stream.concat(inputs.stream(), signature.outputs().stream()).toList();
    if (inputs.isEmpty() || signature.outputs().isEmpty()) {
      return Optional.empty();
    }
    String best = null;
    long bestScore = -1;
    for (String symbol : symbols(inputs.get(0))) {
      boolean everywhere = all.stream().allMatch(tensor -> count(tensor, symbol) == 1);
      boolean leads = inputs.stream().anyMatch(input -> axisOf(input, symbol) == 0);
      if (!everywhere || !leads || !canBeBatch(symbol)) {
        continue;
      }
      long score = all.stream().filter(tensor -> axisOf(tensor, symbol) == 0).count();
      if (saysBatch(symbol)) {
        score += all.size() + 1L;
      }
      if (score > bestScore) {
        best = symbol;
        bestScore = score;
      }
    }
    return Optional.ofNullable(best);
  }

  private static List<TensorSignature> withAxes(
      List<TensorSignature> tensors, @Nullable String symbol) {
    var result = new ArrayList<TensorSignature>(tensors.size());
    for (TensorSignature tensor : tensors) {
      int axis = symbol == null ? -1 : axisOf(tensor, symbol);
      result.add(
          new TensorSignature(
              tensor.name(), tensor.datatype(), tensor.shape(), axis < 0 ? null : axis));
    }
    return result;
  }

  private static Set<String> symbols(TensorSignature tensor) {
    var symbols = new LinkedHashSet<String>();
    for (Dimension dimension : tensor.shape()) {
      if (dimension.symbol() != null) {
        symbols.add(dimension.symbol());
      }
    }
    return symbols;
  }

  private static boolean saysBatch(String symbol) {
    String name = symbol.toLowerCase(Locale.ROOT);
    return name.contains("batch") || name.equals("n") || name.equals("b") || name.equals("bs");
  }

  private static boolean canBeBatch(String symbol) {
    String name = symbol.toLowerCase(Locale.ROOT);
    return saysBatch(symbol) || NOT_A_BATCH.stream().noneMatch(name::contains);
  }

  private static long count(TensorSignature tensor, String symbol) {
    return tensor.shape().stream().filter(dimension -> symbol.equals(dimension.symbol())).count();
  }

  private static int axisOf(TensorSignature tensor, String symbol) {
    for (int axis = 0; axis < tensor.shape().size(); axis++) {
      if (symbol.equals(tensor.shape().get(axis).symbol())) {
        return axis;
      }
    }
    return -1;
  }
}
