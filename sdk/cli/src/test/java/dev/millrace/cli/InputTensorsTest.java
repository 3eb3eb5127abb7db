package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.ModelMetadata;
import dev.millrace.protocol.oip.TensorMetadata;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputTensorsTest {
  @TempDir Path folder;

  private final InputTensors inputs =
      new InputTensors(
          new ModelMetadata(
              "m",
              List.of(),
              "p",
              List.of(
                  new TensorMetadata("x", "FP32", List.of(-1L, 2L)),
                  new TensorMetadata("ids", "INT64", List.of(-1L)),
                  new TensorMetadata("text", "BYTES", List.of(-1L)),
                  new TensorMetadata("a=b:0", "BOOL", List.of()),
                  new TensorMetadata("half", "FP16", List.of(1L))),
              List.of(),
              Map.of()));

  private Tensor one(String input) {
    return inputs.parse(List.of(input)).get(0);
  }

  @Test
  void shapeComesFromTheBracketsAndDatatypeFromTheModel() {
    Tensor x = one("x=[[1,2],[3,NaN],[5,-1e3]]");

    assertThat(x.datatype().name()).isEqualTo("FP32");
    assertThat(x.shape()).containsExactly(3, 2);
    assertThat(Tensors.floatArray(x)).containsExactly(1, 2, 3, Float.NaN, 5, -1000);
    assertThat(Tensors.longArray(one("ids=[9007199254740993]"))).containsExactly(9007199254740993L);
  }

  @Test
  void textNeedsNoQuotesAndOneValueNoBrackets() {
    assertThat(Tensors.strings(one("text=hello, world"))).containsExactly("hello, world");
    assertThat(Tensors.strings(one("text=[\"a\",\"b\"]"))).containsExactly("a", "b");
    assertThat(one("ids=5").shape()).containsExactly(1);
  }

  @Test
  void valuesMayComeFromAFile() throws Exception {
    Path file = Files.writeString(folder.resolve("x.json"), "[[1,2]]");

    assertThat(one("x=@" + file).shape()).containsExactly(1, 2);
    assertThatThrownBy(() -> one("x=@" + folder.resolve("none.json")))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("none.json' cannot be read");
  }

  @Test
  void everyMistakeIsNamed() {
    assertThatThrownBy(() -> one("x")).hasMessageContaining("expected name=JSON");
    assertThatThrownBy(() -> one("y=[1]")).hasMessageContaining("has no input 'y' (it has: x FP32");
    assertThatThrownBy(() -> one("x=[[1,2],[3]]")).hasMessageContaining("not of equal length");
    assertThatThrownBy(() -> one("x=[[1,2],3]")).hasMessageContaining("not of equal length");
    assertThatThrownBy(() -> one("x=[1,2")).hasMessageContaining("is no JSON array");
    assertThatThrownBy(() -> one("x={}")).hasMessageContaining("is no JSON array");
    assertThatThrownBy(() -> one("ids=[1.5]")).hasMessageContaining("ids");
    assertThatThrownBy(() -> one("half=[1]")).hasMessageContaining("half");
  }
}
