package dev.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.onnxruntime.OrtEnvironment;
import dev.millrace.runtime.engine.Device.Provider;
import dev.millrace.runtime.engine.SessionSettings.ExecutionMode;
import dev.millrace.runtime.engine.SessionSettings.Optimization;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionSettingsTest {
  @Test
  void nothingAskedForIsTheDefault() {
    assertThat(SessionSettings.of(Map.of())).isEqualTo(SessionSettings.DEFAULT);
  }

  @Test
  void readsEveryOption() {
    var options =
        Map.ofEntries(
            Map.entry("instance_group", "2"),
            Map.entry("intraOpThreads", "3"),
            Map.entry("inter-op-threads", "4"),
            Map.entry("spinning", "on"),
            Map.entry("execution_mode", "parallel"),
            Map.entry("dynamic_block_base", "0"),
            Map.entry("optimization_level", "Extended"),
            Map.entry("memory_pattern", "true"),
            Map.entry("cpu_arena", "0"),
            Map.entry("denormal_as_zero", "1"),
            Map.entry("device", "tensorrt:1"),
            Map.entry("device_memory_limit", "4GiB"),
            Map.entry("fp16", "true"),
            Map.entry("engine_cache", "off"),
            Map.entry("session.disable_prepacking", "1"));

    SessionSettings settings = SessionSettings.of(options);

    assertThat(settings.instances()).isEqualTo(2);
    assertThat(settings.threads())
        .isEqualTo(new SessionSettings.Threads(3, 4, true, ExecutionMode.PARALLEL, 0));
    assertThat(settings.graph())
        .isEqualTo(new SessionSettings.Graph(Optimization.EXTENDED, true, false, true));
    assertThat(settings.device())
        .isEqualTo(new Device(Provider.TENSORRT, 1, 4L << 30, true, false));
    assertThat(settings.config()).containsExactly(Map.entry("session.disable_prepacking", "1"));
  }

  @Test
  void namesTheNearestOptionForAnUnknownOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SessionSettings.of(Map.of("intra_op_thread_count", "2")))
        .withMessageStartingWith(
            "option 'intra_op_thread_count': unknown (expected: 'intra_op_threads'? Known: ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SessionSettings.of(Map.of("session.dissable_prepacking", "1")))
        .withMessageStartingWith(
            "session.dissable_prepacking: unknown (expected: 'session.disable_prepacking'? ");
  }

  @Test
  void letsNoVersionNameFilesOfThisMachine() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> SessionSettings.of(Map.of("session.node_partition_config_file", "/etc/passwd")))
        .withMessageContaining("unknown");
  }

  @ParameterizedTest
  @CsvSource({
    "instances, 0, 1 to 64",
    "instances, many, a whole number",
    "intra_op_threads, 0, 1 to 1024",
    "spinning, maybe, true or false",
    "execution_mode, both, 'sequential, parallel'",
    "optimization_level, most, 'none, basic, extended, all'",
    "dynamic_block_base, -1, 0 to 1000",
    "device, gpu, 'cpu, cuda, cuda:N, tensorrt or tensorrt:N'",
    "device_memory_limit, much, 'bytes, for example 4GiB'",
    "device_memory_limit, 1g, a GPU device beside it",
    "fp16, true, device tensorrt beside it",
    "session.disable_prepacking, yes, [01]"
  })
  void saysWhatWasExpected(String option, String value, String expected) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SessionSettings.of(Map.of(option, value)))
        .withMessageContaining(option)
        .withMessageEndingWith("(expected: " + expected + ")");
  }

  @Test
  void everyKeyIsKnownToTheLibraryWeShip() throws Exception {
    String library;
    String path = "/ai/onnxruntime/native/linux-x64/libonnxruntime.so";
    try (InputStream in = OrtEnvironment.class.getResourceAsStream(path)) {
      library = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.ISO_8859_1);
    }
    for (String key : SessionConfig.keys()) {
      // Parts of longer keys may be assembled by instructions; their beginning is in one piece.
      assertThat(library.contains(key)).as(key).isTrue();
    }
  }

  @Test
  void runsAModelUnderEveryOptionForTheProcessor() throws Exception {
    SessionSettings settings =
        SessionSettings.of(
            Map.of(
                "intra_op_threads", "2",
                "inter_op_threads", "2",
                "execution_mode", "parallel",
                "spinning", "true",
                "optimization_level", "none",
                "memory_pattern", "true",
                "cpu_arena", "false",
                "denormal_as_zero", "true",
                "session.disable_prepacking", "1"));
    Path file = TestModels.write(TinyModels.linear(4, 3));
    try (OnnxModel model = TestModels.ENGINE.load(file, settings)) {
      var x = TestModels.floats("x", TestModels.shape(1, 4), 1, 2, 3, 4);
      assertThat(TestModels.floats(model.run(java.util.List.of(x), java.util.List.of("y")).get(0)))
          .containsExactly(30, 61, 92);
    } finally {
      Files.delete(file);
    }
  }
}
