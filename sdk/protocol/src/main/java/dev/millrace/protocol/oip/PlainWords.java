package dev.millrace.protocol.oip;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The words that messages are full of, found by their bytes so that none is made anew. Pure. */
final class PlainWords {
  private static final String[] ALL = {
    "id",
    "model_name",
    "model_version",
    "parameters",
    "inputs",
    "outputs",
    "name",
    "shape",
    "datatype",
    "data",
    "BOOL",
    "UINT8",
    "UINT16",
    "UINT32",
    "UINT64",
    "INT8",
    "INT16",
    "INT32",
    "INT64",
    "FP16",
    "FP32",
    "FP64",
    "BYTES",
    "BF16",
    JsonParameters.BINARY_DATA,
    JsonParameters.BINARY_DATA_SIZE,
    JsonParameters.BINARY_DATA_OUTPUT
  };

  private static final int LONGEST = JsonParameters.BINARY_DATA_OUTPUT.length();

  /** By length; few share one. */
  private static final Word[][] BY_LENGTH = new Word[LONGEST + 1][];

  private record Word(String text, byte[] bytes) {}

  static {
    for (int length = 0; length <= LONGEST; length++) {
      BY_LENGTH[length] = ofLength(length);
    }
  }

  private PlainWords() {}

  private static Word[] ofLength(int length) {
    return Arrays.stream(ALL)
        .filter(text -> text.length() == length)
        .map(text -> new Word(text, text.getBytes(StandardCharsets.US_ASCII)))
        .toArray(Word[]::new);
  }

  /** The word at that place; null when it is another one. */
  static @Nullable String at(byte[] in, int from, int length) {
    if (length > LONGEST) {
      return null;
    }
    for (Word word : BY_LENGTH[length]) {
      if (Arrays.equals(word.bytes, 0, length, in, from, from + length)) {
        return word.text;
      }
    }
    return null;
  }
}
