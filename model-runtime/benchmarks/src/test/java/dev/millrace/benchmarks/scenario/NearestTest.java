package dev.millrace.benchmarks.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
  private static final List<String> KNOWN = List.of("tiny-http-json", "tiny-grpc", "minilm-grpc");

  @Test
  void namesWhatWasMeant() {
    assertThat(Nearest.to("tiny-grcp", KNOWN)).contains("tiny-grpc");
    assertThat(Nearest.to("tinyhttp-json", KNOWN)).contains("tiny-http-json");
  }

  @Test
  void saysNothingWhenNothingIsNear() {
    assertThat(Nearest.to("everything", KNOWN)).isEmpty();
  }
}
