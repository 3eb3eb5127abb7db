package dev.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import org.junit.jupiter.api.Test;

class OrtMessagesTest {
  @Test
  void dropsCodesSourcesAndFolders() {
    assertThat(
            clean(
                "Load model from /data/cache/ab/model.onnx failed:"
                    + "/onnxruntime_src/onnxruntime/core/graph/model.cc:183"
                    + " onnxruntime::Model::Model(onnx::ModelProto&&, const"
                    + " onnxruntime::PathString&, bool) No graph."))
        .isEqualTo("Load model from model.onnx failed:No graph.");
  }

  @Test
  void keepsWhatIsNeitherSourceNorFolder() {
    assertThat(clean("Got invalid dimensions for input: x\n index: 1 Got: 3 Expected: 4"))
        .isEqualTo("Got invalid dimensions for input: x index: 1 Got: 3 Expected: 4");
  }

  @Test
  void isNeverEmptyNorEndless() {
    assertThat(clean("")).isEqualTo("ORT_FAIL");
    assertThat(clean("x".repeat(5_000))).hasSize(1_001);
  }

  private static String clean(String message) {
    return OrtMessages.clean(new OrtException(OrtErrorCode.ORT_FAIL, message));
  }
}
