package dev.millrace.registry.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import java.util.List;
import org.junit.jupiter.api.Test;

class SampleRequestTest {
  private static final Dimension BATCH = Dimension.symbolic("batch");

  private static Signature signature(TensorSignature... inputs) {
    return new Signature(List.of(inputs), List.of());
  }

  private static TensorSignature input(String name, DataType type, Dimension... shape) {
    return new TensorSignature(name, type, List.of(shape), shape.length == 0 ? null : 0);
  }

  @Test
  void isOneRowOfValuesThatAdmissionTriedToo() {
    var signature =
        signature(
            input("input_ids", DataType.INT64, BATCH, Dimension.symbolic("tokens")),
            input("attention_mask", DataType.INT64, BATCH, Dimension.symbolic("tokens")),
            input("x", DataType.FP32, BATCH, Dimension.fixed(4)),
            input("gate", DataType.BOOL, BATCH),
            input("text", DataType.BYTES, BATCH, Dimension.free()),
            input("scale", DataType.FP64));

    var sample = SampleRequest.of(signature, 2);

    assertThat(sample.isJson()).isTrue();
    assertThat(sample.binaryBytes()).isZero();
    assertThat(sample.body().toString())
        .isEqualTo(
            """
            {"inputs":[\
            {"name":"input_ids","shape":[1,2],"datatype":"INT64","data":[0,0]},\
            {"name":"attention_mask","shape":[1,2],"datatype":"INT64","data":[1,1]},\
            {"name":"x","shape":[1,4],"datatype":"FP32","data":[0.1,0.2,0.3,0.4]},\
            {"name":"gate","shape":[1],"datatype":"BOOL","data":[false]},\
            {"name":"text","shape":[1,2],"datatype":"BYTES","data":["text","text"]},\
            {"name":"scale","shape":[],"datatype":"FP64","data":[0.1]}]}""");
  }

  @Test
  void leavesLargeInputsAndThoseWithoutAFormInJsonToBinaryZeros() {
    var signature =
        signature(
            input("picture", DataType.FP32, BATCH, Dimension.fixed(3), Dimension.fixed(28)),
            input("half", DataType.FP16, BATCH, Dimension.fixed(2)),
            input("small", DataType.INT8, BATCH, Dimension.fixed(1)));

    var sample = SampleRequest.of(signature, 8);

    assertThat(sample.isJson()).isFalse();
    assertThat(sample.binaryBytes()).isEqualTo(3 * 28 * 4 + 2 * 2);
    assertThat(sample.body().at("/inputs/0/parameters/binary_data_size").asInt()).isEqualTo(336);
    assertThat(sample.body().at("/inputs/1/parameters/binary_data_size").asInt()).isEqualTo(4);
    assertThat(sample.body().at("/inputs/2/data/0").asInt(-1)).isZero();
  }

  @Test
  void asksForABinaryAnswerWhenAnOutputHasNoFormInJson() {
    var half = new TensorSignature("y", DataType.FP16, List.of(BATCH), 0);
    var sample =
        SampleRequest.of(
            new Signature(List.of(input("x", DataType.FP32, BATCH)), List.of(half)), 8);

    assertThat(sample.body().at("/parameters/binary_data_output").asBoolean()).isTrue();
  }
}
