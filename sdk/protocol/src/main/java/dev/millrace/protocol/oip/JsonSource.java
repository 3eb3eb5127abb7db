package dev.millrace.protocol.oip;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;

/** Streaming parsers over buffers, and what their failures look like to the caller. */
final class JsonSource {
  /** Deeper nesting is no tensor. */
  private static final int MAX_DEPTH = 128;

  /** No datatype needs more digits. */
  static final int MAX_NUMBER = 1_000;

  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          // Callers choose the names; interned ones would stay in the JVM for good.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  // The body's own limit bounds strings.
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER)
                  .build())
          .build();

  private JsonSource() {}

  /** A parser over the remaining bytes, which must be UTF-8. */
  static JsonParser parser(ByteBuffer json) throws IOException {
    requireUtf8(json);
    if (json.hasArray()) {
      return FACTORY.createParser(
          json.array(), json.arrayOffset() + json.position(), json.remaining());
    }
    return FACTORY.createParser(new ByteBufferBackedInputStream(json.duplicate()));
  }

  /**
   * Jackson would switch to UTF-16 or UTF-32 by the first four bytes, and would then give no byte
   * offsets, on which reading a tensor's data before its datatype depends.
   */
  private static void requireUtf8(ByteBuffer json) {
    int look = Math.min(4, json.remaining());
    for (int i = 0; i < look; i++) {
      int b = json.get(json.position() + i) & 0xFF;
      if (b == 0 || b >= 0xFE) {
        throw Reject.because("the body is not UTF-8 JSON: byte 0x%02X at offset %d", b, i);
      }
    }
  }

  /** The refusal for JSON that cannot be parsed, naming the place. */
  static MillraceException refusal(IOException failure) {
    if (failure instanceof StreamConstraintsException beyond) {
      return Reject.because("malformed JSON%s: %s", place(beyond), limit(beyond));
    }
    if (failure instanceof JsonProcessingException problem && problem.getLocation() != null) {
      JsonLocation at = problem.getLocation();
      String what =
          failure instanceof JsonEOFException
              ? "the body ends in the middle of a value"
              : firstSentence(problem.getOriginalMessage());
      return Reject.because(
          "malformed JSON at line %d, column %d (byte %d): %s",
          at.getLineNr(), at.getColumnNr(), at.getByteOffset(), what);
    }
    return Reject.because(
        "malformed JSON: %s", firstSentence(String.valueOf(failure.getMessage())));
  }

  private static String place(StreamConstraintsException beyond) {
    JsonLocation at = beyond.getLocation();
    return at == null
        ? ""
        : String.format(
            Locale.ROOT,
            " at line %d, column %d (byte %d)",
            at.getLineNr(),
            at.getColumnNr(),
            at.getByteOffset());
  }

  /** In our words: Jackson names its own settings. */
  private static String limit(StreamConstraintsException beyond) {
    String message = beyond.getOriginalMessage();
    if (message.contains("depth")) {
      return "nested deeper than " + MAX_DEPTH + " levels";
    }
    return message.contains("Number")
        ? "a number of more than " + MAX_NUMBER + " characters"
        : "a value is too long";
  }

  /** Jackson appends where a value started and its own source description; neither helps here. */
  private static String firstSentence(String message) {
    String text = message;
    for (String tail : new String[] {"\n", " (start marker", " at [Source"}) {
      int cut = text.indexOf(tail);
      if (cut > 0) {
        text = text.substring(0, cut);
      }
    }
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }
}
