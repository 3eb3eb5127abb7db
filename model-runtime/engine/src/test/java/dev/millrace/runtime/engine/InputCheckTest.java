package dev.millrace.runtime.engine;

import static dev.millrace.runtime.engine.TestModels.floats;
import static dev.millrace.runtime.engine.TestModels.longs;
import static dev.millrace.runtime.engine.TestModels.shape;
import static dev.millrace.runtime.engine.TestModels.strings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.protocol.control.BatchAxes;
import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.RequestedOutput;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InputCheckTest {
  private static final Signature TEXT =
      signature(
          List.of(
              input("ids", DataType.INT64, "batch", "tokens"),
              input("mask", DataType.INT64, "batch", "tokens")),
          input("y", DataType.FP32, "batch", "tokens", 8),
          input("pooled", DataType.FP32, "batch", 8));
  private static final Signature LINEAR =
      signature(
          List.of(input("x", DataType.FP32, "batch", 4)), input("y", DataType.FP32, "batch", 3));

  private final InputCheck text = InputCheck.of(TEXT);
  private final InputCheck linear = InputCheck.of(LINEAR);

  @Test
  void putsInputsInTheModelsOrderAndCountsRows() {
    Tensor mask = longs("mask", shape(2, 3), 1, 1, 1, 1, 1, 1);
    Tensor ids = longs("ids", shape(2, 3), 1, 2, 3, 4, 5, 6);

    ModelRequest request =
        text.check(
            new InferRequest(
                "m",
                "",
                "",
                Map.of(),
                List.of(mask, ids),
                List.of(new RequestedOutput("pooled", Map.of()))));

    assertThat(request.inputs()).containsExactly(ids, mask);
    assertThat(request.outputs()).containsExactly("pooled");
    assertThat(request.rows()).isEqualTo(2);
    assertThat(request.bytes()).isEqualTo(96);
  }

  @Test
  void asksForAllOutputsWhenNoneIsNamed() {
    assertThat(tokens(1, 1).outputs()).containsExactly("y", "pooled");
  }

  @Test
  void joinsWhatDiffersInRowsOnly() {
    assertThat(tokens(1, 5).shapeKey()).isEqualTo(tokens(3, 5).shapeKey());
    assertThat(tokens(1, 5).shapeKey()).hasSameHashCodeAs(tokens(3, 5).shapeKey());
    assertThat(tokens(1, 5).shapeKey()).isNotEqualTo(tokens(1, 6).shapeKey());
    assertThat(row(1).shapeKey()).isEqualTo(row(2).shapeKey());
  }

  @Test
  void neverJoinsRequestsOfAModelWithoutABatch() {
    InputCheck fixed =
        InputCheck.of(
            signature(List.of(input("x", DataType.FP32, 1, 2)), input("y", DataType.FP32, 1, 2)));
    Tensor x = floats("x", shape(1, 2), 1, 2);

    ModelRequest first = fixed.check(List.of(x), List.of());
    assertThat(first.rows()).isEqualTo(1);
    assertThat(first.shapeKey()).isNotEqualTo(fixed.check(List.of(x), List.of()).shapeKey());
  }

  @Test
  void aKeyHoldsNoBufferOfItsRequest() {
    InputCheck scaled =
        InputCheck.of(
            signature(
                List.of(input("x", DataType.FP32, "batch"), input("scale", DataType.FP32)),
                input("y", DataType.FP32, "batch")));
    Tensor scale = floats("scale", shape(), 2);
    Tensor x = floats("x", shape(1), 1);
    Object key = scaled.check(List.of(x, scale), List.of()).shapeKey();
    Object same = scaled.check(List.of(x, scale), List.of()).shapeKey();

    scale.data().putFloat(0, 3);

    assertThat(key).isEqualTo(same);
    assertThat(scaled.check(List.of(x, scale), List.of()).shapeKey()).isNotEqualTo(key);
  }

  @Test
  void namesUnknownMissingAndRepeatedInputs() {
    Tensor ids = longs("ids", shape(1, 1), 1);
    assertThat(invalid(text, ids, longs("idz", shape(1, 1), 1)))
        .isEqualTo("unknown input 'idz' (expected: ids, mask)");
    assertThat(invalid(text, ids))
        .isEqualTo("input 'mask' is missing (expected: INT64 [batch, tokens])");
    assertThat(invalid(text, ids, ids)).isEqualTo("input 'ids' is given twice");
  }

  @Test
  void namesWrongDatatypesAndShapes() {
    assertThat(invalid(linear, longs("x", shape(1, 4), 1, 2, 3, 4)))
        .isEqualTo("input 'x': datatype INT64 (expected: FP32)");
    assertThat(invalid(linear, floats("x", shape(4), 1, 2, 3, 4)))
        .isEqualTo("input 'x': shape [4] has rank 1 (expected: rank 2, [batch, 4])");
    assertThat(invalid(linear, floats("x", shape(1, 3), 1, 2, 3)))
        .isEqualTo("input 'x': dimension 1 of shape [1, 3] is 3 (expected: 4, shape [batch, 4])");
    assertThat(invalid(linear, floats("x", shape(0, 4))))
        .isEqualTo("input 'x': dimension 0 of shape [0, 4] is 0 (expected: at least 1)");
    assertThat(invalid(linear, floats("x", shape(-1, 4), 1, 2, 3, 4)))
        .isEqualTo("input 'x': dimension 0 of shape [-1, 4] is -1 (expected: at least 1)");
    assertThat(invalid(text, longs("ids", shape(1, 2), 1, 2), longs("mask", shape(1, 3), 1, 1, 1)))
        .isEqualTo(
            "input 'mask': dimension 1 of shape [1, 3] is 3 (expected: 2, since 'tokens' is 2 in"
                + " input 'ids')");
  }

  @Test
  void namesWrongByteCounts() {
    assertThat(invalid(linear, floats("x", shape(2, 4), 1, 2, 3, 4)))
        .isEqualTo("input 'x': 16 bytes (expected: 32 bytes for FP32 [2, 4])");
    assertThat(invalid(linear, floats("x", shape(2_000_000_000L, 4), 1)))
        .contains("more than 2 GiB of bytes for FP32 [2000000000, 4]");
  }

  @Test
  void namesStringsThatLie() {
    InputCheck check =
        InputCheck.of(
            signature(
                List.of(input("s", DataType.BYTES, "batch")), input("y", DataType.FP32, "batch")));
    ByteBuffer overlong = ByteBuffer.allocate(8).put(0, (byte) 100);
    ByteBuffer notText = ByteBuffer.allocate(5).put(0, (byte) 1).put(4, (byte) 0xff);

    assertThat(check.check(List.of(strings("s", shape(2), "a", "")), List.of()).rows())
        .isEqualTo(2);
    assertThat(invalid(check, new Tensor("s", DataType.BYTES, shape(1), overlong)))
        .isEqualTo("input 's' (BYTES [1]): element 0 claims 100 bytes and 4 are left");
    assertThat(invalid(check, new Tensor("s", DataType.BYTES, shape(1), notText)))
        .isEqualTo("input 's' (BYTES [1]): element 0 is not UTF-8 text");
    assertThat(invalid(check, strings("s", shape(1), "a", "b")))
        .isEqualTo("input 's' (BYTES [1]): 5 bytes are left after the 1 elements");
    assertThat(invalid(check, strings("s", shape(9), "a", "b")))
        .isEqualTo("input 's' (BYTES [9]): holds fewer than the 9 elements of its shape");
  }

  @Test
  void namesOutputsThatAreUnknownOrRepeated() {
    List<Tensor> x = List.of(floats("x", shape(1, 4), 1, 2, 3, 4));
    assertThat(failure(() -> linear.check(x, List.of("z"))).message())
        .isEqualTo("unknown output 'z' (expected: y)");
    assertThat(failure(() -> linear.check(x, List.of("y", "y"))).message())
        .isEqualTo("output 'y' is asked for twice");
  }

  @Test
  void saysWhichDatatypeJavaCannotMake() {
    InputCheck check =
        InputCheck.of(
            signature(
                List.of(input("x", DataType.UINT32, "batch")),
                input("y", DataType.UINT32, "batch")));
    var x = new Tensor("x", DataType.UINT32, shape(1), ByteBuffer.allocate(4));

    MillraceException failure = failure(() -> check.check(List.of(x), List.of()));

    assertThat(failure.code()).isEqualTo(ErrorCode.NOT_IMPLEMENTED);
    assertThat(failure.message()).contains("'x'").contains("UINT32");
  }

  private ModelRequest tokens(int rows, int tokens) {
    var values = new long[rows * tokens];
    return text.check(
        List.of(
            longs("ids", shape(rows, tokens), values), longs("mask", shape(rows, tokens), values)),
        List.of());
  }

  private ModelRequest row(int rows) {
    return linear.check(List.of(floats("x", shape(rows, 4), new float[rows * 4])), List.of());
  }

  private static String invalid(InputCheck check, Tensor... tensors) {
    MillraceException failure = failure(() -> check.check(List.of(tensors), List.of()));
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    return failure.message();
  }

  private static MillraceException failure(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable c) {
    return catchThrowableOfType(MillraceException.class, c);
  }

  private static Signature signature(List<TensorSignature> inputs, TensorSignature... outputs) {
    return BatchAxes.detect(new Signature(inputs, List.of(outputs)));
  }

  private static TensorSignature input(String name, DataType type, Object... shape) {
    return new TensorSignature(
        name, type, Arrays.stream(shape).map(Dimension::fromWire).toList(), null);
  }
}
