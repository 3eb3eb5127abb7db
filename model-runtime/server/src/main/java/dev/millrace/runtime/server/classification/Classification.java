package dev.millrace.runtime.server.classification;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.RequestedOutput;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.runtime.server.text.Labels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns an output into its best classes where the caller asked for that: {@code [batch, N]} strings
 * {@code value:index} or {@code value:index:label}, the largest value first; N larger than the
 * number of classes gives all of them. A tensor without a batch axis is one row, and its answer has
 * the shape {@code [N]}. Stateless.
 */
public final class Classification {
  /** The parameter of a requested output. */
  public static final String PARAMETER = "classification";

  private Classification() {}

  /**
   * Checks what was asked for before anything is computed.
   *
   * @return whether an output is to be classified at all
   * @throws MillraceException INVALID_ARGUMENT naming the output that cannot be
   */
  public static boolean asked(List<RequestedOutput> outputs, Signature signature) {
    boolean asked = false;
    for (int i = 0; i < outputs.size(); i++) {
      RequestedOutput output = outputs.get(i);
      Object count = output.parameters().get(PARAMETER);
      if (count != null) {
        asked = true;
        check(output.name(), count);
        for (TensorSignature tensor : signature.outputs()) {
          if (tensor.name().equals(output.name())) {
            check(tensor);
          }
        }
      }
    }
    return asked;
  }

  private static void check(String name, Object count) {
    if (!(count instanceof Long number)) {
      throw invalid(name, "classification '%s' (expected: a whole number of at least 1)", count);
    }
    if (number < 1) {
      throw invalid(name, "classification %d (expected: at least 1)", number);
    }
  }

  private static void check(TensorSignature tensor) {
    if (tensor.datatype() == DataType.BYTES) {
      throw invalid(tensor.name(), "%s cannot be classified (expected: numbers)", "BYTES");
    }
    Integer batch = tensor.batchAxis();
    int classAxes = tensor.shape().size() - (batch == null ? 0 : 1);
    if (classAxes < 1 || batch != null && batch != 0) {
      throw invalid(tensor.name(), "it has no axis of classes (expected: %s)", "[batch, classes]");
    }
  }

  private static MillraceException invalid(String output, String format, Object value) {
    return MillraceException.of(
        ErrorCode.INVALID_ARGUMENT, "output '" + output + "': " + format, value);
  }

  /**
   * The outputs with those replaced that were asked for as classes. What it makes is its own
   * memory.
   *
   * @param labels used where there is one for each class
   */
  public static List<Tensor> apply(
      List<Tensor> outputs, List<RequestedOutput> requested, Signature signature, Labels labels) {
    var classified = new ArrayList<Tensor>(outputs.size());
    for (Tensor output : outputs) {
      long count = count(output.name(), requested);
      classified.add(
          count == 0
              ? output
              : classify(output, isBatched(output.name(), signature), count, labels));
    }
    return classified;
  }

  private static long count(String name, List<RequestedOutput> requested) {
    for (RequestedOutput output : requested) {
      if (output.name().equals(name) && output.parameters().get(PARAMETER) instanceof Long count) {
        return count;
      }
    }
    return 0;
  }

  private static boolean isBatched(String name, Signature signature) {
    return signature.outputs().stream()
        .anyMatch(tensor -> tensor.name().equals(name) && tensor.batchAxis() != null);
  }

  /** The best classes of each row, or of the whole tensor when it is not batched. */
  static Tensor classify(Tensor output, boolean batched, long count, Labels labels) {
    int rows = batched ? Math.toIntExact(output.shape()[0]) : 1;
    int classes = rows == 0 ? 0 : Math.toIntExact(output.elementCount() / rows);
    int wanted = (int) Math.min(count, classes);
    var scores = new Scores(output);
    var top = new TopClasses(wanted);
    var strings = new ArrayList<String>(rows * wanted);
    @Nullable Labels named = labels.size() == classes ? labels : null;
    for (int row = 0; row < rows && wanted > 0; row++) {
      top.clear();
      for (int index = 0; index < classes; index++) {
        top.offer(scores.key(row * classes + index), index);
      }
      for (int index : top.best()) {
        String text = scores.text(row * classes + index) + ":" + index;
        strings.add(named == null ? text : text + ":" + named.of(index));
      }
    }
    return batched
        ? Tensors.strings(output.name(), strings, rows, wanted)
        : Tensors.strings(output.name(), strings, wanted);
  }
}
