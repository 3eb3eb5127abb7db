package dev.millrace.benchmarks.workload;

import java.nio.charset.StandardCharsets;

/**
 * Reads the numbers of the first array of one name in a response: flat or nested, row by row. It
 * looks at nothing else, so that checking an answer costs the client little.
 */
final class JsonNumbers {
  private final byte[] json;
  private int position;
  private int depth;

  private JsonNumbers(byte[] json, int position) {
    this.json = json;
    this.position = position;
  }

  /**
   * Starts at the first array behind the name in quotation marks; without one there are no numbers.
   */
  static JsonNumbers of(byte[] json, String name) {
    int at = find(json, ('"' + name + '"').getBytes(StandardCharsets.US_ASCII));
    var numbers = new JsonNumbers(json, at < 0 ? json.length : at);
    while (numbers.position < json.length && json[numbers.position] != '[') {
      numbers.position++;
    }
    return numbers;
  }

  private static int find(byte[] json, byte[] name) {
    for (int i = 0; i <= json.length - name.length; i++) {
      if (java.util.Arrays.equals(json, i, i + name.length, name, 0, name.length)) {
        return i + name.length;
      }
    }
    return -1;
  }

  /** Moves to the next number. False at the end of the array. */
  boolean next() {
    while (position < json.length) {
      byte c = json[position];
      if (c == '[') {
        depth++;
      } else if (c == ']') {
        depth--;
        if (depth == 0) {
          position = json.length;
          return false;
        }
      } else if (c != ',' && c > ' ') {
        return true;
      }
      position++;
    }
    return false;
  }

  /** Reads the number that {@link #next} found; NaN for what is not a number. */
  double read() {
    int start = position;
    skip();
    try {
      return Double.parseDouble(
          new String(json, start, position - start, StandardCharsets.US_ASCII));
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** Passes over the number that {@link #next} found. Whether it looks like a finite number. */
  boolean skip() {
    boolean finite = true;
    while (position < json.length) {
      byte c = json[position];
      if (c == ',' || c == ']' || c <= ' ') {
        break;
      }
      finite &= c != 'N' && c != 'I' && c != 'n' && c != '"';
      position++;
    }
    return finite;
  }
}
