package dev.millrace.testkit.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** Ways to spoil bytes and JSON. All choices come from the generator; not thread-safe with it. */
final class Mutations {
  /** What parsers get wrong. */
  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-0",
          "-1",
          "1",
          "3",
          "5",
          "255",
          "256",
          "2147483647",
          "2147483648",
          "-2147483649",
          "4294967296",
          "9223372036854775807",
          "9223372036854775808",
          "18446744073709551615",
          "18446744073709551616",
          "1e999",
          "-1e999",
          "1e-999",
          "0.1",
          "1.0",
          "1E+2",
          "01",
          "+1",
          ".5",
          "5.",
          "1e",
          "--1",
          "0x10",
          "1_000",
          "123456789012345678901234567890",
          "NaN",
          "Infinity",
          "-Infinity",
          "nan");

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "false",
          "nul",
          "[]",
          "{}",
          "[[]]",
          "[[1],[2,3]]",
          "\"\"",
          "\"x\"",
          "\"y\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"\\u12\"",
          "\"\\x\"",
          "\"FP32\"",
          "\"INT64\"",
          "\"BYTES\"",
          "\"BOOL\"",
          "\"FP16\"",
          "\"UINT64\"",
          "\"fp32\"",
          "\"\u00e9\u4e2d\"",
          "'x'",
          "\"",
          "[",
          "]",
          "{",
          "}",
          ",",
          ":",
          "/**/",
          "\u0000",
          "\"unterminated");

  private static final Pattern TOKEN =
      Pattern.compile("\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"|-?\\d[\\d.eE+-]*|\\w+|[\\[\\]{},:]");

  private static final int DEEP = 3_000;
  private static final int LONG = 20_000;

  private final RandomGenerator random;

  Mutations(RandomGenerator random) {
    this.random = random;
  }

  <T> T one(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  /** A number as text, right or not. */
  String number() {
    return one(NUMBERS);
  }

  /** Anything that might stand in JSON, or must not. */
  String value() {
    return switch (random.nextInt(40)) {
      case 0 -> "[".repeat(DEEP);
      case 1 -> "[".repeat(DEEP) + "1" + "]".repeat(DEEP);
      case 2 -> "{\"a\":".repeat(DEEP);
      case 3 -> "\"" + "a".repeat(LONG) + "\"";
      case 4 -> "9".repeat(LONG);
      case 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18 -> number();
      default -> one(VALUES);
    };
  }

  /** JSON with a token replaced, lost, doubled or put elsewhere. */
  String json(String json) {
    List<String> tokens = new ArrayList<>();
    var matcher = TOKEN.matcher(json);
    while (matcher.find()) {
      tokens.add(matcher.group());
    }
    if (tokens.isEmpty()) {
      return value();
    }
    int at = random.nextInt(tokens.size());
    int other = random.nextInt(tokens.size());
    switch (random.nextInt(6)) {
      case 0 -> tokens.remove(at);
      case 1 -> tokens.add(at, tokens.get(at));
      case 2 -> {
        String kept = tokens.get(at);
        tokens.set(at, tokens.get(other));
        tokens.set(other, kept);
      }
      case 3 ->
          tokens.addAll(at, List.copyOf(tokens.subList(Math.min(at, other), Math.max(at, other))));
      default -> tokens.set(at, value());
    }
    return String.join("", tokens);
  }

  /** Bytes with bits changed, cut, doubled, moved or others put in. */
  byte[] bytes(byte[] before) {
    if (before.length == 0) {
      return some(1 + random.nextInt(8));
    }
    int from = random.nextInt(before.length);
    int to = from + random.nextInt(before.length - from + 1);
    return switch (random.nextInt(6)) {
      case 0 -> flipped(before);
      case 1 -> Arrays.copyOf(before, from);
      case 2 -> join(Arrays.copyOf(before, to), Arrays.copyOfRange(before, from, before.length));
      case 3 -> join(Arrays.copyOf(before, from), Arrays.copyOfRange(before, to, before.length));
      case 4 ->
          join(
              Arrays.copyOf(before, from),
              some(1 + random.nextInt(6)),
              Arrays.copyOfRange(before, from, before.length));
      default -> {
        byte[] swapped = before.clone();
        int other = random.nextInt(before.length);
        swapped[from] = before[other];
        swapped[other] = before[from];
        yield swapped;
      }
    };
  }

  private byte[] flipped(byte[] before) {
    byte[] after = before.clone();
    for (int i = random.nextInt(3); i >= 0; i--) {
      after[random.nextInt(after.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return after;
  }

  /** Random bytes. */
  byte[] some(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Compressed; as it is when the coding is none that we know. */
  static byte[] packed(String coding, byte[] plain) {
    var bytes = new ByteArrayOutputStream();
    try {
      switch (coding) {
        case "gzip" -> {
          try (var out = new GZIPOutputStream(bytes)) {
            out.write(plain);
          }
        }
        case "deflate" -> {
          try (var out = new DeflaterOutputStream(bytes)) {
            out.write(plain);
          }
        }
        default -> bytes.write(plain);
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteArray();
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] join(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
