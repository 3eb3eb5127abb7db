package dev.millrace.runtime.engine;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How requests of different length run in one batch: each input is padded to the longest along the
 * length axis, each output that has that dimension is cut back to its request's own length.
 *
 * <p>The length is the one free dimension beside the batch that the inputs share: by its symbol, or
 * as the second axis of all that have one. A model with two such dimensions (an image's height and
 * width) has no plan. That a plan exists does not say that padding keeps the answers: only a
 * measurement does, so a plan is used for versions that passed it or whose owner allows it.
 *
 * <p>Immutable and thread-safe.
 */
public final class PaddingPlan {
  private static final int NO_AXIS = -1;

  private final List<TensorSignature> inputs;
  private final int[] axes;
  private final byte[] @Nullable [] patterns;
  private final Set<String> symbols;
  private final Set<String> inputSymbols;
  private final int commonAxis;

  private PaddingPlan(Signature signature, int[] axes, byte[] @Nullable [] patterns) {
    this.inputs = signature.inputs();
    this.axes = axes;
    this.patterns = patterns;
    this.symbols = new HashSet<>();
    this.inputSymbols = new HashSet<>();
    int common = NO_AXIS;
    for (int i = 0; i < axes.length; i++) {
      inputs.get(i).shape().stream()
          .map(Dimension::symbol)
          .filter(Objects::nonNull)
          .forEach(inputSymbols::add);
      if (axes[i] != NO_AXIS) {
        String symbol = inputs.get(i).shape().get(axes[i]).symbol();
        if (symbol != null) {
          symbols.add(symbol);
        }
        common = common == NO_AXIS || common == axes[i] ? axes[i] : Integer.MAX_VALUE;
      }
    }
    this.commonAxis = common;
  }

  /**
   * The plan of a model, if it has a length.
   *
   * @param padding the manifest's pad value by input name; null or empty leaves it to inference,
   *     which knows integer ids, masks and token types (all 0) and asks for a mask among them
   * @return empty when the model cannot be padded, or when nothing says that it may
   * @throws ModelLoadException when {@code padding} names an input that has no length or a value
   *     that the input cannot hold
   */
  public static Optional<PaddingPlan> of(Signature signature, @Nullable Map<String, Long> padding)
      throws ModelLoadException {
    Map<String, Long> told = padding == null ? Map.of() : padding;
    int[] axes = lengthAxes(signature);
    check(told, signature, axes);
    var patterns = new byte[axes.length][];
    boolean masked = false;
    boolean any = false;
    for (int i = 0; i < axes.length; i++) {
      if (axes[i] == NO_AXIS) {
        continue;
      }
      TensorSignature input = signature.inputs().get(i);
      Long value = told.get(input.name());
      Optional<byte[]> pattern =
          (value == null ? PadValues.inferred(input) : Optional.of(value))
              .flatMap(known -> PadValues.pattern(input.datatype(), known));
      if (pattern.isEmpty()) {
        return Optional.empty();
      }
      patterns[i] = pattern.get();
      masked |= PadValues.isMask(input);
      any = true;
    }
    return any && (masked || !told.isEmpty())
        ? Optional.of(new PaddingPlan(signature, axes, patterns))
        : Optional.empty();
  }

  private static void check(Map<String, Long> told, Signature signature, int[] axes)
      throws ModelLoadException {
    for (Map.Entry<String, Long> entry : told.entrySet()) {
      int index = indexOf(signature, entry.getKey());
      if (index < 0 || axes[index] == NO_AXIS) {
        throw new ModelLoadException(
            "padding of '%s': %s (expected: one of %s)"
                .formatted(
                    entry.getKey(),
                    index < 0 ? "no such input" : "the input has no length to pad",
                    names(signature, axes)));
      }
      TensorSignature input = signature.inputs().get(index);
      if (PadValues.pattern(input.datatype(), entry.getValue()).isEmpty()) {
        throw new ModelLoadException(
            "padding of '%s': %d (expected: a value of %s)"
                .formatted(input.name(), entry.getValue(), input.datatype()));
      }
    }
  }

  private static int indexOf(Signature signature, String name) {
    for (int i = 0; i < signature.inputs().size(); i++) {
      if (signature.inputs().get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private static List<String> names(Signature signature, int[] axes) {
    return Stream.iterate(0, i -> i < axes.length, i -> i + 1)
        .filter(i -> axes[i] != NO_AXIS)
        .map(i -> signature.inputs().get(i).name())
        .toList();
  }

  /** The length axis of each input; none at all unless there is exactly one length. */
  private static int[] lengthAxes(Signature signature) {
    var axes = new int[signature.inputs().size()];
    Arrays.fill(axes, NO_AXIS);
    if (!signature.batchable()) {
      return axes;
    }
    var symbols = new HashSet<@Nullable String>();
    boolean second = true;
    for (int i = 0; i < axes.length; i++) {
      TensorSignature input = signature.inputs().get(i);
      for (int axis = 0; axis < input.shape().size(); axis++) {
        boolean batch = input.batchAxis() != null && input.batchAxis() == axis;
        if (batch || !input.shape().get(axis).isFree()) {
          continue;
        }
        if (axes[i] != NO_AXIS || input.batchAxis() == null) {
          return none(axes);
        }
        axes[i] = axis;
        symbols.add(input.shape().get(axis).symbol());
        second &= axis == 1;
      }
    }
    boolean same = symbols.size() == 1 && !symbols.contains(null);
    return same || second ? axes : none(axes);
  }

  private static int[] none(int[] axes) {
    Arrays.fill(axes, NO_AXIS);
    return axes;
  }

  /** The length of a request; 0 when its inputs differ in it, so that it cannot be padded. */
  int lengthOf(List<Tensor> tensors) {
    long length = -1;
    for (int i = 0; i < axes.length; i++) {
      if (axes[i] != NO_AXIS) {
        long size = tensors.get(i).shape()[axes[i]];
        if (length >= 0 && size != length) {
          return 0;
        }
        length = size;
      }
    }
    return length > Integer.MAX_VALUE ? 0 : (int) length;
  }

  /** Whether an axis of an input is the length. */
  boolean isLength(int input, int axis) {
    return axes[input] == axis;
  }

  /** Whether an input has a length at all. */
  boolean pads(int input) {
    return axes[input] != NO_AXIS;
  }

  /** Fills the memory of an input with its pad value. */
  void fill(int input, ByteBuffer batch) {
    byte[] pattern = patterns[input];
    if (pattern == null) {
      throw new IllegalArgumentException("input " + input + " has no length");
    }
    int end = batch.limit();
    for (int at = batch.position(); at < end; at += pattern.length) {
      batch.put(at, pattern, 0, Math.min(pattern.length, end - at));
    }
  }

  /**
   * The axes of an output that have the length: those with its symbol and, where the model's author
   * named them otherwise, the same axis as in the inputs when it came back as long as the batch.
   *
   * @param shape as the output of a batch as long as {@code longest} came
   * @throws ModelExecutionException FAILED when an axis with the length's symbol has another size:
   *     nobody knows then what to cut
   */
  List<Integer> lengthAxes(TensorSignature output, long[] shape, long longest)
      throws ModelExecutionException {
    var found = new ArrayList<Integer>(1);
    for (int axis = 0; axis < Math.min(shape.length, output.shape().size()); axis++) {
      Dimension dimension = output.shape().get(axis);
      boolean batch = output.batchAxis() != null && output.batchAxis() == axis;
      if (batch || !dimension.isFree()) {
        continue;
      }
      String symbol = dimension.symbol();
      boolean elsewhere = symbol != null && inputSymbols.contains(symbol);
      if (symbol != null && symbols.contains(symbol)) {
        requireLength(output, axis, shape, longest);
        found.add(axis);
      } else if (!elsewhere && axis == commonAxis && shape[axis] == longest) {
        found.add(axis);
      }
    }
    return found;
  }

  private static void requireLength(TensorSignature output, int axis, long[] shape, long longest)
      throws ModelExecutionException {
    if (shape[axis] != longest) {
      throw new ModelExecutionException(
          ModelExecutionException.Kind.FAILED,
          "output '%s' has the shape %s for a batch padded to %d (expected: %s)"
              .formatted(output.name(), Arrays.toString(shape), longest, output.shape()));
    }
  }
}
