package dev.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.tensor.Tensors;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClientValuesTest {
  @Test
  void credentialsNeverShowTheKey() {
    var credentials = Credentials.apiKey(" secret-key\n");

    assertThat(credentials.authorization()).isEqualTo("Bearer secret-key");
    assertThat(credentials.toString()).doesNotContain("secret");
    assertThat(Credentials.none().authorization()).isNull();
  }

  @Test
  void aKeyThatCannotBeAHeaderIsRefused() {
    assertThatThrownBy(() -> Credentials.apiKey("two\nlines"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("key:");
    assertThatThrownBy(() -> Credentials.apiKey("  ")).hasMessageStartingWith("key:");
  }

  @Test
  void optionsNameTheFieldThatIsWrong() {
    assertThatThrownBy(() -> ClientOptions.DEFAULT.withTimeout(Duration.ZERO))
        .hasMessage("timeout: PT0S (expected: more than zero)");
    assertThatThrownBy(() -> ClientOptions.DEFAULT.withMaxMessageBytes(0))
        .hasMessageStartingWith("maxMessageBytes: 0");
    assertThatThrownBy(() -> InferCall.of().withDeadline(Duration.ofSeconds(-1)))
        .hasMessageStartingWith("deadline: PT-1S");
  }

  @Test
  void aMissingOutputIsNamedWithWhatThereIs() {
    var result =
        new InferResult(
            new InferResponse(
                "m", "3", "", Map.of(), List.of(Tensors.float32("y", new float[] {1}, 1))));

    assertThat(result.version()).isEqualTo("3");
    assertThat(result.floats("y").get(0)).isEqualTo(1f);
    assertThatThrownBy(() -> result.output("z"))
        .isInstanceOf(MillraceException.class)
        .hasMessage("the answer of 'm' has no output 'z' (it has: [y])");
  }

  @Test
  void cosineOfKnownVectors() {
    assertThat(Embeddings.cosine(new float[] {1, 0}, new float[] {1, 1}))
        .isCloseTo(0.70710678, within(1e-7));
    assertThat(Embeddings.cosine(new float[] {2, 0}, new float[] {-3, 0})).isEqualTo(-1);
    assertThatThrownBy(() -> Embeddings.cosine(new float[2], new float[3]))
        .hasMessageStartingWith("vectors: lengths 2 and 3");
    assertThatThrownBy(() -> Embeddings.cosine(new float[2], new float[] {1, 1}))
        .hasMessageContaining("all zeros");
  }
}
