package dev.millrace.protocol.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EditDistanceTest {
  @ParameterizedTest
  @CsvSource({
    "'', '', 0",
    "abc, abc, 0",
    "abc, '', 3",
    "'', abc, 3",
    "kitten, sitting, 3",
    "flaw, lawn, 2",
    "maxBatch, maxbatch, 1",
    "ab, ba, 2"
  })
  void countsChanges(String from, String to, int changes) {
    assertThat(EditDistance.between(from, to)).isEqualTo(changes);
    assertThat(EditDistance.between(to, from)).isEqualTo(changes);
  }

  @Test
  void findsTheNearestWord() {
    assertThat(EditDistance.nearest("tiny-grcp", List.of("tiny-http", "tiny-grpc", "minilm")))
        .contains("tiny-grpc");
    assertThat(EditDistance.nearest("tiny-grcp", List.of())).isEmpty();
  }
}
