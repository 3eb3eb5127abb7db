package dev.millrace.registry.document;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.text.EditDistance;
import dev.millrace.registry.model.NameRule;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reads documents that people write, as JSON or YAML. Everything that is wrong with one is
 * INVALID_ARGUMENT with the place: an unknown field names the nearest known one, a value names its
 * field. Thread-safe.
 */
public final class StrictDocuments {
  private static final ObjectMapper JSON =
      ControlJson.strict()
          .copy()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  // Aliases are not expanded by this parser, so a small file cannot grow into a large document.
  private static final ObjectMapper YAML =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(20).build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private StrictDocuments() {}

  /**
   * Reads JSON.
   *
   * @param what what the document is, for messages: {@code the body}
   */
  public static <T> T json(byte[] bytes, Class<T> type, String what) {
    return read(JSON, bytes, type, what);
  }

  /**
   * Reads YAML.
   *
   * @param what what the document is, for messages: {@code millrace.yaml}
   */
  public static <T> T yaml(byte[] bytes, Class<T> type, String what) {
    return read(YAML, bytes, type, what);
  }

  private static <T> T read(ObjectMapper mapper, byte[] bytes, Class<T> type, String what) {
    try {
      var value = mapper.readValue(bytes, type);
      if (value == null) {
        throw invalid("%s is empty (expected: an object)".formatted(what));
      }
      return value;
    } catch (UnrecognizedPropertyException unknown) {
      throw invalid(unknownField(unknown, what));
    } catch (JsonMappingException wrong) {
      throw invalid("%s: %s is not valid%s".formatted(what, place(wrong), expectation(wrong)));
    } catch (JacksonException malformed) {
      throw invalid(
          "%s is malformed: %s%s"
              .formatted(what, malformed.getOriginalMessage(), position(malformed)));
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String unknownField(UnrecognizedPropertyException unknown, String what) {
    var field = unknown.getPropertyName();
    var known =
        unknown.getKnownPropertyIds() == null
            ? List.<String>of()
            : unknown.getKnownPropertyIds().stream().map(String::valueOf).sorted().toList();
    var nearest =
        nearest(field, known)
            .map(it -> "did you mean '%s'?".formatted(it))
            .orElseGet(() -> "expected one of: " + String.join(", ", known));
    return "%s: unknown field '%s' (%s)".formatted(what, NameRule.quoted(place(unknown)), nearest);
  }

  /** The known word nearest to {@code word} by edit distance, when one is near enough. */
  public static Optional<String> nearest(String word, Collection<String> known) {
    var lower = word.toLowerCase(Locale.ROOT);
    if (lower.length() > 64) {
      return Optional.empty();
    }
    return known.stream()
        .min(
            Comparator.comparingInt(it -> EditDistance.between(lower, it.toLowerCase(Locale.ROOT))))
        .filter(
            it ->
                EditDistance.between(lower, it.toLowerCase(Locale.ROOT))
                    <= Math.max(2, it.length() / 3));
  }

  /** In the words of the document, not of the Java type that reads it. */
  private static String expectation(JsonMappingException wrong) {
    if (!(wrong instanceof MismatchedInputException mismatch) || mismatch.getTargetType() == null) {
      return "";
    }
    var type = mismatch.getTargetType();
    var expected = "an object";
    if (type == Integer.class || type == int.class || type == Long.class || type == long.class) {
      expected = "a whole number";
    } else if (type == Boolean.class || type == boolean.class) {
      expected = "true or false";
    } else if (type == String.class) {
      expected = "text";
    } else if (Collection.class.isAssignableFrom(type)) {
      expected = "a list";
    }
    return " (expected: " + expected + ")";
  }

  private static String place(JsonMappingException failure) {
    var path =
        failure.getPath().stream()
            .map(it -> it.getFieldName() == null ? "[" + it.getIndex() + "]" : it.getFieldName())
            .collect(Collectors.joining("."))
            .replace(".[", "[");
    return path.isEmpty() ? "it" : path;
  }

  private static String position(JacksonException failure) {
    var at = failure.getLocation();
    return at == null ? "" : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
  }

  private static MillraceException invalid(String message) {
    return MillraceException.of(ErrorCode.INVALID_ARGUMENT, message);
  }
}
