package dev.millrace.runtime.engine.admission;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a JVM wrote about its own end, in a few words: the signal and the library it came from. */
final class CrashLog {
  private static final int MOST_LINES = 40;
  private static final Pattern SIGNAL = Pattern.compile("^#\\s+(SIG[A-Z]+|EXCEPTION_\\w+)\\b.*");
  private static final Pattern FRAME = Pattern.compile("^# C\\s+(\\[[^\\]]+\\]).*");
  private static final Pattern MEMORY =
      Pattern.compile("^#\\s+(There is insufficient memory for the Java Runtime).*");

  private CrashLog() {}

  static Optional<String> read(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    var words = new ArrayList<String>();
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      for (int i = 0; i < MOST_LINES; i++) {
        String line = lines.readLine();
        if (line == null) {
          break;
        }
        for (Pattern pattern : new Pattern[] {SIGNAL, FRAME, MEMORY}) {
          var found = pattern.matcher(line);
          if (found.matches()) {
            words.add(found.group(1));
          }
        }
      }
    } catch (IOException unreadable) {
      return Optional.empty();
    }
    return words.isEmpty() ? Optional.empty() : Optional.of(String.join(" in ", words));
  }
}
