package dev.millrace.runtime.server.text;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Names of a model's classes, one a line of a file in the bundle. Without a file, {@code LABEL_0},
 * {@code LABEL_1} and so on, as in HuggingFace's models. Immutable.
 */
public final class Labels {
  /** A hundred thousand classes with long names. */
  private static final long MAX_FILE_BYTES = 8L << 20;

  private final List<String> names;

  private Labels(List<String> names) {
    this.names = names;
  }

  /** No names. */
  public static Labels none() {
    return new Labels(List.of());
  }

  /**
   * Reads a file of UTF-8 lines; empty lines at its end do not count.
   *
   * @throws IOException when it is too large, empty or not UTF-8; the message names it
   */
  public static Labels read(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_FILE_BYTES) {
      throw new IOException(
          "labels '%s' has %d bytes (expected: at most %d)"
              .formatted(file.getFileName(), size, MAX_FILE_BYTES));
    }
    List<String> lines = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        lines.add(line.strip());
      }
    } catch (CharacterCodingException binary) {
      throw new IOException("labels '%s' is not UTF-8 text".formatted(file.getFileName()), binary);
    }
    while (!lines.isEmpty() && lines.getLast().isEmpty()) {
      lines.removeLast();
    }
    if (lines.isEmpty()) {
      throw new IOException(
          "labels '%s' is empty (expected: one label a line)".formatted(file.getFileName()));
    }
    return new Labels(List.copyOf(lines));
  }

  /** How many names there are; 0 when the bundle has none. */
  public int size() {
    return names.size();
  }

  /** The name of a class. */
  public String of(int index) {
    return index < names.size() ? names.get(index) : "LABEL_" + index;
  }
}
