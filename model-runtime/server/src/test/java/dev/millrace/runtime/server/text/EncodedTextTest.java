package dev.millrace.runtime.server.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.millrace.runtime.server.text.Truncation.Side;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodedTextTest {
  private static final EncodedText PAIR =
      new EncodedText(
          Tokens.of(new long[] {101, 1, 2, 3, 4, 5, 102, 7, 8, 102}),
          new long[] {1, 0, 0, 0, 0, 0, 1, 0, 0, 1},
          new long[] {-1, 0, 0, 0, 0, 0, -1, 1, 1, -1});

  @Test
  void theLongerOfAPairGivesWay() {
    assertThat(PAIR.cut(10, Truncation.DEFAULT).ids()).hasSize(10);
    assertThat(PAIR.cut(8, Truncation.DEFAULT).ids()).containsExactly(101, 1, 2, 3, 102, 7, 8, 102);
    assertThat(PAIR.cut(8, new Truncation(Side.START, 8, Truncation.NO_LIMIT)).ids())
        .containsExactly(101, 3, 4, 5, 102, 7, 8, 102);
    assertThat(PAIR.cut(6, Truncation.DEFAULT).ids()).containsExactly(101, 1, 2, 102, 7, 102);
  }

  @Test
  void aBoundOnTheTextCutsOnlyTheSecondOfAPair() {
    assertThat(PAIR.cut(10, Truncation.DEFAULT.withTextLimit(1)).ids())
        .containsExactly(101, 1, 2, 3, 4, 5, 102, 7, 102);
  }

  @Test
  void nothingIsCutWhereThatIsNotWanted() {
    var refuse = new Truncation(Side.NONE, Truncation.NO_LIMIT, Truncation.NO_LIMIT);
    assertThat(PAIR.cut(10, refuse).ids()).hasSize(10);
    assertThatThrownBy(() -> PAIR.cut(9, refuse))
        .isInstanceOf(TextTooLongException.class)
        .hasMessage("10 tokens (expected: at most 9)");
  }

  /** The library can cut by itself, but only one way for all calls. */
  @Test
  void cutsAsTheTokenizersLibraryDoes(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("tokenizer.json");
    try (InputStream in = getClass().getResourceAsStream("/all-minilm-l6-v2-tokenizer.json")) {
      Files.write(file, in.readAllBytes());
    }
    try (TextTokenizer ours = TextTokenizer.load(file, folder)) {
      for (int limit : new int[] {8, 9, 16, 31}) {
        var options = Map.of("padding", "false", "truncation", "true", "maxLength", "" + limit);
        try (var theirs = HuggingFaceTokenizer.newInstance(file, options)) {
          for (int first : new int[] {0, 1, 3, 5, 12, 40}) {
            String text = "mill ".repeat(first);
            equal(ours.encode(text, true).cut(limit, Truncation.DEFAULT), theirs.encode(text));
            for (int second : new int[] {1, 4, 6, 13, 50}) {
              String pair = "race ".repeat(second);
              equal(
                  ours.encode(text, pair).cut(limit, Truncation.DEFAULT),
                  theirs.encode(text, pair));
            }
          }
        }
      }
    }
  }

  private static void equal(Tokens ours, Encoding theirs) {
    assertThat(ours.ids()).containsExactly(theirs.getIds());
    assertThat(ours.types()).containsExactly(theirs.getTypeIds());
    assertThat(ours.mask()).containsExactly(theirs.getAttentionMask());
  }
}
