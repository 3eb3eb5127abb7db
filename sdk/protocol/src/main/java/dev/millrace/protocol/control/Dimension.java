package dev.millrace.protocol.control;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One dimension of a signature: a fixed size, or free with or without a symbolic name. On the wire
 * a number, a string, or -1 for a free dimension without a name.
 *
 * @param size the fixed size, or -1 when free
 * @param symbol the symbolic name of a free dimension, if it has one
 */
public record Dimension(long size, @Nullable String symbol) {
  private static final Set<String> NO_NAMES = Set.of("", "?", "-1", "None");

  /** A dimension of exactly {@code size}. */
  public static Dimension fixed(long size) {
    return new Dimension(size, null);
  }

  /** A free dimension that is equal wherever {@code symbol} stands. */
  public static Dimension symbolic(String symbol) {
    return new Dimension(-1, symbol);
  }

  /**
   * A free dimension as a model file names it. What exporters write where they know no name (an
   * empty string, {@code ?}, {@code -1}, {@code None}) is none: two of those need not be equal.
   */
  public static Dimension named(@Nullable String name) {
    return name == null || NO_NAMES.contains(name.strip()) ? free() : symbolic(name);
  }

  /** A free dimension without a name. */
  public static Dimension free() {
    return new Dimension(-1, null);
  }

  /** Whether the size is decided by each request. */
  public boolean isFree() {
    return size < 0;
  }

  /** The form on the wire. */
  @JsonValue
  public Object wire() {
    return symbol == null ? (Object) size : symbol;
  }

  /** Reads the form on the wire. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Dimension fromWire(Object wire) {
    return wire instanceof Number number
        ? new Dimension(Math.max(-1, number.longValue()), null)
        : symbolic(wire.toString());
  }

  @Override
  public String toString() {
    return wire().toString();
  }
}
