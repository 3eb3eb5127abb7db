package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Dimension;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes control documents as the JSON that {@code ControlJson} reads. A child lives for half a
 * second; the half more that a JSON library takes to get going would be felt at each deployment.
 */
final class RecordJson {
  private final StringBuilder out = new StringBuilder();

  private RecordJson() {}

  /** The JSON of a record of records, lists, texts, numbers, enums and instants. */
  static String of(Record document) {
    var json = new RecordJson();
    json.write(document);
    return json.out.toString();
  }

  private void write(@Nullable Object value) {
    switch (value) {
      case null -> out.append("null");
      case Dimension dimension -> write(dimension.wire());
      case Record document -> writeRecord(document);
      case List<?> list -> writeList(list);
      case Number number -> writeNumber(number);
      case Boolean flag -> out.append(flag);
      case Enum<?> word -> writeText(word.name());
      case Instant instant -> writeText(instant.toString());
      case String text -> writeText(text);
      default -> throw new IllegalArgumentException("no JSON for " + value.getClass().getName());
    }
  }

  private void writeRecord(Record document) {
    out.append('{');
    String between = "";
    for (RecordComponent component : document.getClass().getRecordComponents()) {
      out.append(between);
      writeText(component.getName());
      out.append(':');
      write(get(document, component.getAccessor()));
      between = ",";
    }
    out.append('}');
  }

  private static @Nullable Object get(Record document, @Nullable Method accessor) {
    try {
      return Objects.requireNonNull(accessor).invoke(document);
    } catch (ReflectiveOperationException notPublic) {
      throw new IllegalArgumentException("no way into " + document.getClass(), notPublic);
    }
  }

  private void writeList(List<?> list) {
    out.append('[');
    for (Iterator<?> elements = list.iterator(); elements.hasNext(); ) {
      write(elements.next());
      out.append(elements.hasNext() ? "," : "");
    }
    out.append(']');
  }

  private void writeNumber(Number number) {
    double value = number.doubleValue();
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw new IllegalArgumentException("JSON has no " + value);
    }
    out.append(number);
  }

  private void writeText(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
