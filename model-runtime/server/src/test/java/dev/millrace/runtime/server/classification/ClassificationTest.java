package dev.millrace.runtime.server.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.oip.RequestedOutput;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.runtime.server.text.Labels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassificationTest {
  private static List<String> classes(Tensor output, long count) {
    return Tensors.strings(Classification.classify(output, true, count, Labels.none()));
  }

  @Test
  void givesTheLargestOfEachRowFirst() {
    Tensor output = Tensors.float32("y", new float[] {1, 9, 5, -1, -9, -5}, 2, 3);
    Tensor classes = Classification.classify(output, true, 2, Labels.none());
    assertThat(classes.shape()).containsExactly(2, 2);
    assertThat(classes.datatype()).isEqualTo(DataType.BYTES);
    assertThat(Tensors.strings(classes)).containsExactly("9.0:1", "5.0:2", "-1.0:0", "-5.0:2");
  }

  @Test
  void moreThanThereAreGivesAll() {
    assertThat(classes(Tensors.float32("y", new float[] {1, 2}, 1, 2), Long.MAX_VALUE))
        .containsExactly("2.0:1", "1.0:0");
  }

  @Test
  void equalValuesKeepTheirOrderAndNanComesLast() {
    float[] values = {Float.NaN, 3, Float.NEGATIVE_INFINITY, 3, -0f, 0f};
    assertThat(classes(Tensors.float32("y", values, 1, 6), 6))
        .containsExactly("3.0:1", "3.0:3", "-0.0:4", "0.0:5", "-Infinity:2", "NaN:0");
  }

  @Test
  void unsignedValuesAreOrderedAsSuch() {
    Tensor signed = Tensors.int64("y", new long[] {-1, 7}, 1, 2);
    Tensor unsigned = new Tensor("y", DataType.UINT64, signed.shape(), signed.data());
    assertThat(classes(signed, 1)).containsExactly("7:1");
    assertThat(classes(unsigned, 1)).containsExactly("18446744073709551615:0");
    assertThat(classes(Tensors.uint8("y", new byte[] {-1, 7}, 1, 2), 1)).containsExactly("255:0");
    assertThat(classes(Tensors.int8("y", new byte[] {-1, 7}, 1, 2), 1)).containsExactly("7:1");
  }

  @Test
  void halfPrecisionIsReadAsItIs() {
    ByteBuffer half = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    half.putShort(Float.floatToFloat16(-2)).putShort(Float.floatToFloat16(0.5f)).flip();
    assertThat(classes(new Tensor("y", DataType.FP16, new long[] {1, 2}, half), 2))
        .containsExactly("0.5:1", "-2.0:0");
  }

  @Test
  void withoutABatchAllIsOneRow() {
    Tensor output = Tensors.float64("y", new double[] {1, 4, 3, 2}, 2, 2);
    Tensor classes = Classification.classify(output, false, 3, Labels.none());
    assertThat(classes.shape()).containsExactly(3);
    assertThat(Tensors.strings(classes)).containsExactly("4.0:1", "3.0:2", "2.0:3");
  }

  @Test
  void labelsAreUsedWhereThereIsOneForEachClass(@TempDir Path folder) throws IOException {
    Labels labels = Labels.read(Files.writeString(folder.resolve("l"), "cat\ndog\n"));
    Tensor two = Tensors.float32("y", new float[] {1, 2}, 1, 2);
    Tensor three = Tensors.float32("y", new float[] {1, 2, 3}, 1, 3);
    assertThat(Tensors.strings(Classification.classify(two, true, 2, labels)))
        .containsExactly("2.0:1:dog", "1.0:0:cat");
    assertThat(Tensors.strings(Classification.classify(three, true, 1, labels)))
        .containsExactly("3.0:2");
  }

  @Test
  void selectsWhatSortingSelects() {
    var random = new Random(7);
    for (int round = 0; round < 200; round++) {
      int width = 1 + random.nextInt(40);
      int[] values = random.ints(width, -9, 9).toArray();
      int count = 1 + random.nextInt(width);
      List<String> sorted =
          IntStream.range(0, width)
              .boxed()
              .sorted(Comparator.comparingInt(i -> -values[i]))
              .limit(count)
              .map(i -> values[i] + ":" + i)
              .toList();
      assertThat(classes(Tensors.int32("y", values, 1, width), count)).isEqualTo(sorted);
    }
  }

  @Test
  void refusesWhatCannotBeClassifiedNamingTheOutput() {
    refused(DataType.FP32, 2, 0L, "output 'y': classification 0");
    refused(DataType.FP32, 2, "3", "output 'y': classification '3'");
    refused(DataType.BYTES, 2, 1L, "output 'y': BYTES cannot");
    refused(DataType.FP32, 1, 1L, "output 'y': it has no axis of classes");
  }

  private static void refused(DataType type, int rank, Object count, String message) {
    var shape = new ArrayList<Dimension>();
    for (int axis = 0; axis < rank; axis++) {
      shape.add(axis == 0 ? Dimension.free() : Dimension.fixed(3));
    }
    var signature = new Signature(List.of(), List.of(new TensorSignature("y", type, shape, 0)));
    var asked = List.of(new RequestedOutput("y", Map.of(Classification.PARAMETER, count)));
    assertThatThrownBy(() -> Classification.asked(asked, signature)).hasMessageContaining(message);
  }
}
