package dev.millrace.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.benchmarks.wire.Exchange;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkloadsTest {
  @Test
  void mixedLengthsReachFromFiveTo128AndDifferOnlyInTheEndpoint() {
    int[] lengths = new MixedLengthWorkload("auto").lengths();

    assertThat(Arrays.stream(lengths).min()).hasValue(5);
    assertThat(Arrays.stream(lengths).max()).hasValue(128);
    assertThat(Arrays.stream(lengths).distinct().count()).isGreaterThan(40);
    assertThat(new MixedLengthWorkload("never").lengths()).isEqualTo(lengths);
    assertThat(new MixedLengthWorkload("never").serving()).containsEntry("padding", "never");
  }

  @Test
  void theLongestTenthOfTheSentencesIsATenth() {
    var longest = new MixedLengthWorkload("auto").longest();

    assertThat(IntStream.range(0, 512).filter(longest::test).count()).isBetween(50L, 60L);
    assertThat(longest.test(3)).isEqualTo(longest.test(3 + 512));
  }

  @Test
  void someSentencesAreAskedForAgainAndAgain() {
    List<String> bodies =
        new TextWorkload()
            .exchanges(Protocol.HTTP_JSON, "m").stream()
                .map(exchange -> new String(exchange.request(), StandardCharsets.UTF_8))
                .toList();
    int most =
        bodies.stream()
            .distinct()
            .mapToInt(body -> Collections.frequency(bodies, body))
            .max()
            .orElseThrow();

    assertThat(bodies.get(0)).startsWith("{\"model\":\"m\",\"input\":\"");
    assertThat(bodies.stream().distinct().count()).isBetween(200L, 400L);
    assertThat(most).isGreaterThan(bodies.size() / 20);
  }

  @Test
  void anEmbeddingHas384NumbersOfLengthOne() {
    Exchange exchange = new TextWorkload().exchanges(Protocol.HTTP_JSON, "m").get(0);

    assertThat(exchange.check().problem(embedding(384, 1 / Math.sqrt(384)), -1)).isNull();
    assertThat(exchange.check().problem(embedding(384, 1), -1)).startsWith("not of length 1");
    assertThat(exchange.check().problem(embedding(383, 1), -1))
        .isEqualTo("expected 384 numbers, got 383");
  }

  @Test
  void textTravelsAsJsonOnly() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TextWorkload().exchanges(Protocol.GRPC, "m"))
        .withMessageContaining("expected: HTTP_JSON");
  }

  @Test
  void aPictureIsAnsweredWithTheMeanOfEachChannel() {
    Exchange exchange = new PictureWorkload().exchanges(Protocol.HTTP_BINARY, "m").get(0);

    assertThat(exchange.request().length - exchange.jsonLength()).isEqualTo(3 * 224 * 224 * 4);
    assertThat(exchange.check().problem(new byte[12], 0)).startsWith("expected 0.05");
  }

  @Test
  void theBundleIsAnArchiveOfWholeBlocks(@TempDir Path folder) throws Exception {
    Path file = new TextWorkload().write(folder);

    assertThat(Files.size(file) % 512).isZero();
    try (var in = Files.newInputStream(file)) {
      byte[] header = in.readNBytes(512);
      assertThat(new String(header, 0, 10, StandardCharsets.US_ASCII)).isEqualTo("model.onnx");
      assertThat(new String(header, 257, 5, StandardCharsets.US_ASCII)).isEqualTo("ustar");
    }
  }

  private static byte[] embedding(int count, double number) {
    String numbers = String.join(",", Collections.nCopies(count, Double.toString(number)));
    String body =
        "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":["
            + numbers
            + "]}]}";
    return body.getBytes(StandardCharsets.UTF_8);
  }
}
